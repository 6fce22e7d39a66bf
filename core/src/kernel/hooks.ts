import { FUNCTION, requireKind } from '../errors/index.js';

/** What is told of a hook that throws: what it threw, and whose hook it was. */
export type HookReport = (error: unknown, what: string) => void;

/** What every list begins with: a kernel has dozens of them, most with nobody in them. */
const NOBODY: readonly never[] = Object.freeze([]);

/** Functions that are called when something happens, in the order in which they were added. */
export class HookList<Arguments extends readonly unknown[]> {
  #hooks: readonly ((...args: Arguments) => void)[] = NOBODY;
  /** How many at the end are called behind whatever is added. */
  #last = 0;
  readonly #report: HookReport | undefined;
  readonly #name: string;

  /**
   * `report`: told what a hook throws, and of which list it is, by `name`; the others are called all the same. Default:
   * it ends the call.
   */
  constructor(report?: HookReport, name = '') {
    this.#report = report;
    this.#name = name;
  }

  /**
   * Adds a hook; returns the function that takes it away. A hook that is added during a call is not part of that call.
   * `first`: it is called before those that are there; `last`: behind them, and behind those that are added later.
   */
  add(
    hook: (...args: Arguments) => void,
    { first = false, last = false }: { readonly first?: boolean; readonly last?: boolean } = {},
  ): () => void {
    requireKind('hook', hook, FUNCTION);
    // A wrapper of its own, so that the same function can be added twice and taken away once.
    const entry = (...args: Arguments): void => hook(...args);
    const place = first ? 0 : this.#hooks.length - (last ? 0 : this.#last);
    this.#hooks = place === this.#hooks.length ? [...this.#hooks, entry] : this.#hooks.toSpliced(place, 0, entry);
    if (last) this.#last++;
    return () => {
      if (!this.#hooks.includes(entry)) return;
      this.#hooks = this.#hooks.filter((other) => other !== entry);
      if (last) this.#last--;
    };
  }

  call(...args: Arguments): void {
    const hooks = this.#hooks;
    for (let i = 0; i < hooks.length; i++) {
      try {
        (hooks[i] as (...args: Arguments) => void)(...args);
      } catch (error) {
        if (this.#report === undefined) throw error;
        this.#report(error, `a hook of '${this.#name}'`);
      }
    }
  }

  /** Nobody is called any more. */
  clear(): void {
    this.#hooks = NOBODY;
    this.#last = 0;
  }

  get size(): number {
    return this.#hooks.length;
  }
}
