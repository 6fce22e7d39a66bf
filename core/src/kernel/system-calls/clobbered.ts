import type { Context } from '../../hardware/index.js';

/**
 * The caller's registers that a call's program has written: it gets them back. What somebody else writes while the
 * program does not execute, such as a debugger, stays.
 */
export class Clobbered {
  readonly #before = new Map<string, bigint | undefined>();

  /** Does what may write registers. */
  during<T>({ registers }: Context, action: () => T): T {
    const before = new Map(registers);
    const result = action();
    for (const [name, value] of registers) {
      const was = before.get(name);
      if (value !== was && !this.#before.has(name)) this.#before.set(name, was);
    }
    return result;
  }

  /** The caller has them back. */
  restore({ registers }: Context): void {
    for (const [name, value] of this.#before) {
      if (value === undefined) registers.delete(name);
      else registers.set(name, value);
    }
    this.#before.clear();
  }
}
