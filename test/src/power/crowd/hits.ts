import assert from 'node:assert/strict';
import type { Breakpoint, Breakpoints, Task } from '@hwbp/core';

/** Who stored: on this CPU, a task that lives on or one that nobody watches. */
interface Storer {
  readonly cpu: number;
  readonly task?: Task;
}

/** Whoever is armed for a place counts one hit, once, if it is stored to; nobody else does. */
export class Hits {
  readonly #expected = new Map<Breakpoint, number>();

  /** `act` stores there once. `off`: disabled, or lost. */
  of(breakpoints: Breakpoints, off: ReadonlySet<Breakpoint>, address: bigint, act: () => Storer): void {
    const before = breakpoints.registered.map((one) => [one, one.hits] as const);
    const { cpu, task } = act();
    for (const [one, hits] of before) {
      const concerned = one.task === undefined ? one.cpu === cpu : one.task === task;
      const armed = concerned && one.address === address && one.state !== 'waiting' && !off.has(one);
      this.#expected.set(one, hits + (armed ? 1 : 0));
    }
  }

  check({ registered }: Breakpoints, after: string): void {
    for (const one of registered) {
      const expected = this.#expected.get(one) ?? 0;
      assert.equal(one.hits, expected, `hits of ${one.owner} for ${one.task ?? `CPU ${one.cpu}`} after ${after}`);
      this.#expected.set(one, expected);
    }
  }
}
