import { type Admits, EVERYBODY, type WaitingTasks } from './scheduling/scheduling-class.js';
import type { KernelTask, TaskQueue } from './task.js';

/**
 * The tasks that wait for one CPU, first come first served. A task waits in one queue at most, and leaves it from
 * wherever it stands without a look at the others: many end, or are stopped, while they wait.
 */
export class RunQueue implements TaskQueue, WaitingTasks {
  #first: KernelTask | undefined;
  #last: KernelTask | undefined;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  get isEmpty(): boolean {
    return this.#first === undefined;
  }

  /** In the order in which they have come. */
  *[Symbol.iterator](): Iterator<KernelTask> {
    for (let task = this.#first; task !== undefined; task = task.behind) yield task;
  }

  first(admits?: Admits): KernelTask | undefined {
    return admits === undefined || admits === EVERYBODY ? this.#first : this.#admitted(admits);
  }

  #admitted(admits: Admits): KernelTask | undefined {
    let task = this.#first;
    while (task !== undefined && !admits(task)) task = task.behind;
    return task;
  }

  push(task: KernelTask): void {
    this.#enter(task, this.#last, undefined);
  }

  /** It was on the CPU, and is the next one there. */
  unshift(task: KernelTask): void {
    this.#enter(task, undefined, this.#first);
  }

  /** Takes a task out, wherever it stands. */
  remove(task: KernelTask): void {
    if (task.queue !== this) return;
    const { before, behind } = task;
    if (before === undefined) this.#first = behind;
    else before.behind = behind;
    if (behind === undefined) this.#last = before;
    else behind.before = before;
    task.queue = undefined;
    task.before = undefined;
    task.behind = undefined;
    this.#length--;
  }

  #enter(task: KernelTask, before: KernelTask | undefined, behind: KernelTask | undefined): void {
    task.queue?.remove(task);
    task.queue = this;
    task.before = before;
    task.behind = behind;
    if (before === undefined) this.#first = task;
    else before.behind = task;
    if (behind === undefined) this.#last = task;
    else behind.before = task;
    this.#length++;
  }
}
