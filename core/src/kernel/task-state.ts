import type { KernelTask, Task } from './task.js';

/**
 * State that a subsystem keeps with every task, such as virtual debug registers: a typed slot in the task object,
 * because a large Map costs microseconds for each key that comes and goes.
 */
export class TaskState<T> {
  readonly #index: number;
  readonly #create: (task: Task) => T;

  /** Use `machine.defineTaskState`. */
  constructor(index: number, create: (task: Task) => T) {
    this.#index = index;
    this.#create = create;
  }

  /** The task's state, made on first use. */
  get(task: Task): T {
    const { states } = task as KernelTask;
    const state = states[this.#index] as T | undefined;
    if (state !== undefined) return state;
    const created = this.#create(task);
    while (states.length < this.#index) states.push(undefined);
    states[this.#index] = created;
    return created;
  }

  /** The task's state if it was ever made. */
  peek(task: Task): T | undefined {
    return (task as KernelTask).states[this.#index] as T | undefined;
  }

  /** Replaces the task's state. */
  set(task: Task, state: T): void {
    this.get(task);
    (task as KernelTask).states[this.#index] = state;
  }
}
