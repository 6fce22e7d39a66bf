import { FUNCTION, requireKind } from '../errors/index.js';

/** Functions that are called when something happens, in the order in which they were added. */
export class HookList<Arguments extends readonly unknown[]> {
  #hooks: readonly ((...args: Arguments) => void)[] = [];

  /**
   * Adds a hook; returns the function that takes it away. A hook that is added during a call is not part of that call.
   * `first`: it is called before those that are there.
   */
  add(hook: (...args: Arguments) => void, options: { readonly first?: boolean } = {}): () => void {
    requireKind('hook', hook, FUNCTION);
    // A wrapper of its own, so that the same function can be added twice and taken away once.
    const entry = (...args: Arguments): void => hook(...args);
    this.#hooks = options.first === true ? [entry, ...this.#hooks] : [...this.#hooks, entry];
    return () => {
      this.#hooks = this.#hooks.filter((other) => other !== entry);
    };
  }

  call(...args: Arguments): void {
    const hooks = this.#hooks;
    for (let i = 0; i < hooks.length; i++) (hooks[i] as (...args: Arguments) => void)(...args);
  }

  /** Nobody is called any more. */
  clear(): void {
    this.#hooks = [];
  }

  get size(): number {
    return this.#hooks.length;
  }
}
