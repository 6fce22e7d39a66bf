import type { RunQueue } from '../run-queue.js';
import type { Task } from '../task.js';
import type { Admits, WaitingTasks } from './scheduling-class.js';

/** Those that wait for a CPU, for whoever only looks. */
export class WaitingView implements WaitingTasks {
  readonly #queue: RunQueue;

  constructor(queue: RunQueue) {
    this.#queue = queue;
  }

  get length(): number {
    return this.#queue.length;
  }

  first(admits?: Admits): Task | undefined {
    return this.#queue.first(admits);
  }

  [Symbol.iterator](): Iterator<Task> {
    return this.#queue[Symbol.iterator]();
  }
}
