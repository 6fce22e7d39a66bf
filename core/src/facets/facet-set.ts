import type { Facet, FacetOffer, FacetServices } from './facet.js';

function isDisposable(made: unknown): made is Disposable {
  return typeof made === 'object' && made !== null && Symbol.dispose in made;
}

/** The facets of one kernel's architecture, each made when it is first asked for. */
export class FacetSet {
  readonly #offers: ReadonlyMap<Facet<unknown>, FacetOffer>;
  readonly #services: FacetServices;
  readonly #made = new Map<Facet<unknown>, unknown>();

  constructor(offers: readonly FacetOffer[], services: FacetServices) {
    this.#offers = new Map(offers.map((offered) => [offered.facet, offered]));
    this.#services = services;
  }

  /** What the architecture offers, in its order. */
  get offered(): readonly Facet<unknown>[] {
    return [...this.#offers.keys()];
  }

  /** The facet; `undefined` if the architecture does not offer it. */
  get<T>(facet: Facet<T>): T | undefined {
    const offered = this.#offers.get(facet);
    if (offered === undefined) return undefined;
    if (!this.#made.has(facet)) this.#made.set(facet, offered.create(this.#services));
    return this.#made.get(facet) as T;
  }

  /** Ends those that were made and are disposable. */
  dispose(): void {
    for (const made of this.#made.values()) if (isDisposable(made)) made[Symbol.dispose]();
    this.#made.clear();
  }
}
