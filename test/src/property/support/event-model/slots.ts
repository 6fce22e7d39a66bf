import type { ModelEvent } from './event.js';

/**
 * How breakpoints are admitted. `linux`: as if all were pinned (spec 3.4); `flexible`: as the 2009 text has it (spec
 * 3.6).
 */
export type Accounting = 'linux' | 'flexible';

/**
 * Spec 3.4 and 3.6 as one promise: on every CPU where the candidate can be, the pinned claims of the CPU, plus those of
 * the task that has most there, plus one for all flexible claims together, are at most the registers. `held`: claims on
 * the same registers.
 */
export function fits(
  candidate: ModelEvent,
  held: readonly ModelEvent[],
  registers: number,
  cpus: number,
  accounting: Accounting,
): boolean {
  const all = [...held, candidate];
  const pinned = all.filter((event) => accounting === 'linux' || event.pinned);
  const flexible = all.filter((event) => !pinned.includes(event));
  for (let cpu = 0; cpu < cpus; cpu++) {
    const here = (event: ModelEvent): boolean => event.cpu === -1 || event.cpu === cpu;
    if (!here(candidate)) continue;
    const sums = new Map<unknown, number>();
    for (const { task } of pinned.filter(here)) sums.set(task, (sums.get(task) ?? 0) + 1);
    const own = sums.get(undefined) ?? 0;
    sums.delete(undefined);
    const shared = flexible.some(here) ? 1 : 0;
    // A task that already has more than is left does not count against another one.
    const tasks =
      candidate.task === undefined || flexible.includes(candidate)
        ? Math.max(0, ...sums.values())
        : (sums.get(candidate.task) ?? 0);
    if (own + tasks + shared > registers) return false;
  }
  return true;
}
