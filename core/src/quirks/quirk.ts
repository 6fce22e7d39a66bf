/**
 * A behaviour that recordings of real kernels show and that no designer would choose. On by default, off under
 * `strict`.
 */
export interface Quirk {
  /** Stable name, such as `x86-ptrace-detach-keeps-breakpoints`. */
  readonly name: string;
  /** What happens. */
  readonly what: string;
  /** Kernels that do it. */
  readonly versions: string;
  /** Where it can be seen. */
  readonly evidence: string;
  /** What happens under `strict`. */
  readonly sane: string;
}

/** Which quirks are on in a kernel, and the catalogue of all that its packages declare. */
export class QuirkSet {
  readonly catalogue: readonly Quirk[];
  readonly #on: ReadonlySet<string>;

  /** `off`: names of quirks that are not reproduced. */
  constructor(catalogue: readonly Quirk[], off: Iterable<string>) {
    this.catalogue = Object.freeze([...catalogue]);
    const without = new Set(off);
    this.#on = new Set(catalogue.map(({ name }) => name).filter((name) => !without.has(name)));
  }

  /** True if the kernel behaves as the quirk says. One that nobody has declared is off. */
  isOn(quirk: Quirk): boolean {
    return this.#on.has(quirk.name);
  }
}
