import type { Token } from '../facets/index.js';

/** What a kernel is made of, for those that learn only as they run what they need. */
export interface Services {
  /** What is provided under a token. Throws a `CompositionError` where nobody provides it. */
  get<T>(token: Token<T>): T;
  /** The same; `undefined` where nobody provides it. */
  find<T>(token: Token<T>): T | undefined;
}
