import { Token } from './token.js';

/**
 * The typed name of a capability that an architecture may offer and a consumer may need, such as user-visible debug
 * registers. Named for the capability, never for a consumer; any package may define one. Injected like any other token.
 */
export class Facet<T> extends Token<T> {
  /** What a backend has to implement to offer it: shown when a composition lacks it. */
  readonly implement: string;

  constructor(name: string, implement: string) {
    super(name, `compose an architecture that offers it; to offer it, implement ${implement}`);
    this.implement = implement;
  }
}
