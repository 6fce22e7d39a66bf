import type { ArchBackend, ArchHost, ArchPort } from '../arch/index.js';
import type { Breakpoints } from '../breakpoint/index.js';
import type { Quirk, QuirkSet } from '../quirks/index.js';

/**
 * The typed name of a capability that an architecture may offer and a consumer may need, such as user-visible debug
 * registers. Named for the capability, never for a consumer; any package may define one.
 */
export class Facet<T> {
  /** Never set: it makes what the facet provides part of its type. */
  declare readonly provides: T;
  readonly name: string;
  /** What a backend has to implement to offer it: shown when a composition lacks it. */
  readonly implement: string;
  /** Injects the facet: `@inject(FACET.token)`. */
  readonly token: symbol;

  constructor(name: string, implement: string) {
    this.name = name;
    this.implement = implement;
    this.token = Symbol(`facet ${name}`);
  }
}

/** What an implementation of a facet may use of the kernel that it is made for. */
export interface FacetServices {
  readonly host: ArchHost;
  /** What the backend's `connect` returned. */
  readonly port: ArchPort;
  readonly breakpoints: Breakpoints;
  readonly quirks: QuirkSet;
}

/** An architecture's implementation of one facet: all of it, or it is not offered. If it is disposable, it ends with its kernel. */
export interface FacetOffer {
  readonly facet: Facet<unknown>;
  create(services: FacetServices): unknown;
}

/** Pairs a facet with its implementation; checks that the types agree. */
export function offer<T>(facet: Facet<T>, create: (services: FacetServices) => T): FacetOffer {
  return { facet, create };
}

/** What a kernel is composed with: a backend, its optional capabilities, and the quirks that they know. */
export interface Architecture {
  readonly backend: ArchBackend;
  readonly facets: readonly FacetOffer[];
  readonly quirks: readonly Quirk[];
}

/** An architecture with the required contract, and facets if it offers any. */
export function architecture(
  backend: ArchBackend,
  extras: { readonly facets?: readonly FacetOffer[]; readonly quirks?: readonly Quirk[] } = {},
): Architecture {
  return { backend, facets: extras.facets ?? [], quirks: extras.quirks ?? [] };
}
