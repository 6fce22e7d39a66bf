import type { ExecutionGate } from './execution-gate.js';
import type { KernelTask, TaskQueue } from './task.js';

/**
 * The tasks that wait for one CPU, first come first served. A task waits in one queue at most, and leaves it from
 * wherever it stands without a look at the others: many end, or are stopped, while they wait.
 */
export class RunQueue implements TaskQueue {
  #first: KernelTask | undefined;
  #last: KernelTask | undefined;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** Those that wait, in order. */
  get waiting(): readonly KernelTask[] {
    const tasks: KernelTask[] = [];
    for (let task = this.#first; task !== undefined; task = task.behind) tasks.push(task);
    return tasks;
  }

  /** The task that has waited longest. */
  get first(): KernelTask | undefined {
    return this.#first;
  }

  push(task: KernelTask): void {
    this.#enter(task, this.#last, undefined);
  }

  /** It was on the CPU, and is the next one there. */
  unshift(task: KernelTask): void {
    this.#enter(task, undefined, this.#first);
  }

  /** True if a task waits that the gate admits. */
  some(gate: ExecutionGate): boolean {
    return this.#admitted(gate) !== undefined;
  }

  /** Takes the task that has waited longest, of those that the gate admits if there is one. */
  shift(gate?: ExecutionGate): KernelTask | undefined {
    const task = gate === undefined ? this.#first : this.#admitted(gate);
    if (task !== undefined) this.remove(task);
    return task;
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

  #admitted(gate: ExecutionGate): KernelTask | undefined {
    for (let task = this.#first; task !== undefined; task = task.behind) if (gate.task(task)) return task;
    return undefined;
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
