import { kernelTask, type Task } from '../task.js';
import { Waiter } from './wait-queue.js';

/** Somebody who waits, and those of whom one has to do something before he goes on. */
export interface Wait<T> {
  readonly who: T;
  readonly owners: readonly T[];
}

/** A task that waits for something. */
export interface BlockedTask extends Wait<Task> {
  /** What for, in the words of whoever made that. */
  readonly what: string;
}

/** Those of some tasks that wait. Nobody is among the `owners` of what nobody owns, such as a timer. */
export function blockedTasks(tasks: Iterable<Task>): readonly BlockedTask[] {
  const blocked: BlockedTask[] = [];
  for (const who of tasks) {
    const sleep = kernelTask(who).sleeps.at(-1);
    if (sleep === undefined) continue;
    blocked.push({ who, what: sleep.what, owners: sleep instanceof Waiter ? sleep.queue.owners : [] });
  }
  return blocked;
}

/**
 * Who waits for whom in a circle: a deadlock each, from the first of those who are in it on. Where circles have
 * somebody in common, one of them is told. What several own is in a circle if one of them is.
 */
export function waitCycles<T, W extends Wait<T>>(waits: readonly W[]): readonly (readonly W[])[] {
  const waitOf = new Map(waits.map((wait) => [wait.who, wait]));
  const cycles: (readonly W[])[] = [];
  const seen = new Set<W>();
  for (const first of waits) {
    if (seen.has(first)) continue;
    // The walk so far, and the owners that are yet to be looked at: no recursion, as chains may be long.
    const path: { readonly wait: W; readonly owners: Iterator<T> }[] = [];
    const places = new Map<W, number>();
    const enter = (wait: W): void => {
      seen.add(wait);
      places.set(wait, path.length);
      path.push({ wait, owners: wait.owners.values() });
    };
    enter(first);
    for (let last = path.at(-1); last !== undefined; last = path.at(-1)) {
      const { value: owner, done = false } = last.owners.next();
      const next = done ? undefined : waitOf.get(owner as T);
      if (done) {
        places.delete(last.wait);
        path.pop();
      } else if (next !== undefined) {
        const place = places.get(next);
        if (place !== undefined) cycles.push(path.slice(place).map(({ wait }) => wait));
        else if (!seen.has(next)) enter(next);
      }
    }
  }
  return cycles;
}
