import type { Task } from './task.js';

/** The tasks that wait for one CPU, first come first served. */
export class RunQueue {
  #tasks: Task[] = [];
  #head = 0;

  get length(): number {
    return this.#tasks.length - this.#head;
  }

  push(task: Task): void {
    this.#tasks.push(task);
  }

  /** Takes the task that has waited longest. */
  shift(): Task | undefined {
    if (this.#head === this.#tasks.length) return undefined;
    const task = this.#tasks[this.#head++];
    if (this.#head > 64 && this.#head * 2 > this.#tasks.length) {
      this.#tasks = this.#tasks.slice(this.#head);
      this.#head = 0;
    }
    return task;
  }

  /** Takes a task out, wherever it stands. */
  remove(task: Task): void {
    const at = this.#tasks.indexOf(task, this.#head);
    if (at >= 0) this.#tasks.splice(at, 1);
  }
}
