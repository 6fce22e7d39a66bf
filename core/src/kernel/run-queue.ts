import type { ExecutionGate } from './execution-gate.js';
import type { KernelTask } from './task.js';

/** The tasks that wait for one CPU, first come first served. */
export class RunQueue {
  #tasks: KernelTask[] = [];
  #head = 0;

  get length(): number {
    return this.#tasks.length - this.#head;
  }

  /** Those that wait, in order. */
  get waiting(): readonly KernelTask[] {
    return this.#tasks.slice(this.#head);
  }

  /** The task that has waited longest. */
  get first(): KernelTask | undefined {
    return this.#tasks[this.#head];
  }

  push(task: KernelTask): void {
    this.#tasks.push(task);
  }

  /** It was on the CPU, and is the next one there. */
  unshift(task: KernelTask): void {
    this.#tasks.splice(this.#head, 0, task);
  }

  /** True if a task waits that the gate admits. */
  some(gate: ExecutionGate): boolean {
    for (let at = this.#head; at < this.#tasks.length; at++) if (gate.task(this.#tasks[at] as KernelTask)) return true;
    return false;
  }

  /** Takes the task that has waited longest, of those that the gate admits if there is one. */
  shift(gate?: ExecutionGate): KernelTask | undefined {
    if (this.#head === this.#tasks.length) return undefined;
    if (gate !== undefined) return this.#shiftAdmitted(gate);
    const task = this.#tasks[this.#head++];
    if (this.#head > 64 && this.#head * 2 > this.#tasks.length) {
      this.#tasks = this.#tasks.slice(this.#head);
      this.#head = 0;
    }
    return task;
  }

  #shiftAdmitted(gate: ExecutionGate): KernelTask | undefined {
    const at = this.#tasks.findIndex((task, i) => i >= this.#head && gate.task(task));
    return at < 0 ? undefined : this.#tasks.splice(at, 1)[0];
  }

  /** Takes a task out, wherever it stands. */
  remove(task: KernelTask): void {
    const at = this.#tasks.indexOf(task, this.#head);
    if (at >= 0) this.#tasks.splice(at, 1);
  }
}
