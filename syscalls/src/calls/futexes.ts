import { type Machine, type Task, type Timer, type Waiting, WaitQueue } from '@hwbp/core';

/** One task that waits for a futex. */
class FutexWaiter {
  readonly key: string;
  readonly #queue: WaitQueue;
  readonly #timer: Timer | undefined;
  #woken = false;
  #over = false;

  /** `ns`: nanoseconds that it waits at most; `undefined`: there is no end. */
  constructor(machine: Machine, key: string, ns: number | undefined) {
    this.key = key;
    this.#queue = new WaitQueue(machine, 'a futex');
    this.#timer = ns === undefined ? undefined : machine.timers.after(ns, () => this.#end(), { name: 'a futex' });
  }

  /** Somebody has woken it. */
  get woken(): boolean {
    return this.#woken;
  }

  /** What it waits for; `unchanged`: asked as it begins, and false lets it go on at once. */
  wait(unchanged: () => boolean): Waiting {
    const inside = this.#queue.wait({ until: () => this.#over });
    return { begin: (cpu) => (unchanged() ? inside.begin(cpu) : undefined) };
  }

  wake(): void {
    this.#woken = true;
    this.#end();
  }

  leave(): void {
    this.#timer?.cancel();
  }

  #end(): void {
    this.#over = true;
    this.#queue.wakeAll();
  }
}

export type { FutexWaiter };

/** Tasks that wait for words of memory, by where these are in physical memory. */
export class Futexes implements Disposable {
  readonly #machine: Machine;
  /** In the order in which they came. */
  readonly #waiters = new Map<string, Set<FutexWaiter>>();
  readonly #byTask = new Map<Task, FutexWaiter>();
  readonly #unhook: () => void;

  constructor(machine: Machine) {
    this.#machine = machine;
    this.#unhook = machine.hooks.exit.add((task) => this.leave(task));
  }

  /** A task waits for a word, at most for so many nanoseconds. {@link leave} ends it. */
  enter(task: Task, key: string, ns: number | undefined): FutexWaiter {
    const waiter = new FutexWaiter(this.#machine, key, ns);
    const waiters = this.#waiters.get(key) ?? new Set();
    this.#waiters.set(key, waiters.add(waiter));
    this.#byTask.set(task, waiter);
    return waiter;
  }

  /** A task waits no more. */
  leave(task: Task): void {
    const waiter = this.#byTask.get(task);
    if (waiter === undefined) return;
    this.#byTask.delete(task);
    waiter.leave();
    this.#remove(waiter);
  }

  /** Wakes up to `count`, the first first; returns how many. */
  wake(key: string, count: number): number {
    let woken = 0;
    for (const waiter of this.#waiters.get(key) ?? []) {
      if (woken >= count) break;
      this.#remove(waiter);
      waiter.wake();
      woken++;
    }
    return woken;
  }

  [Symbol.dispose](): void {
    this.#unhook();
    for (const waiter of this.#byTask.values()) waiter.leave();
  }

  #remove(waiter: FutexWaiter): void {
    const waiters = this.#waiters.get(waiter.key);
    if (waiters?.delete(waiter) === true && waiters.size === 0) this.#waiters.delete(waiter.key);
  }
}
