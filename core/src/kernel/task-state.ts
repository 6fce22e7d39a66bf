import { type ImageReader, type ImageValue, notWritable } from '../image/index.js';
import type { KernelTask, Task } from './task.js';

/** How state of a task is written into an image, where it is data. */
export interface TaskStateForm<T> {
  save(state: T): ImageValue;
  /** Throws EINVAL for what is none. */
  restore(from: ImageReader): T;
}

/**
 * State that a subsystem keeps with every task, such as virtual debug registers: a typed slot in the task object,
 * because a large Map costs microseconds for each key that comes and goes.
 */
export class TaskState<T> {
  readonly #index: number;
  readonly #create: (task: Task) => T;
  readonly #form: TaskStateForm<T> | 'elsewhere' | undefined;

  /** Use `machine.defineTaskState`. */
  constructor(index: number, create: (task: Task) => T, form?: TaskStateForm<T> | 'elsewhere') {
    this.#index = index;
    this.#create = create;
    this.#form = form;
  }

  /** What an image has of a task's state; `undefined`: nothing. Throws EBUSY for one that cannot be written down. */
  save(task: Task): ImageValue | undefined {
    const state = this.peek(task);
    if (state === undefined || this.#form === 'elsewhere') return undefined;
    if (this.#form !== undefined) return this.#form.save(state);
    throw notWritable(`a part keeps state with task ${task} (number ${this.#index}) that it cannot write down`);
  }

  /** The way back. */
  restore(task: Task, from: ImageReader): void {
    if (this.#form === undefined || this.#form === 'elsewhere') throw from.invalid('absent: this state has no form');
    this.set(task, this.#form.restore(from));
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

  /** For a part that writes it itself (`elsewhere`): what it says of every task that has it, by pid. */
  saveEach(tasks: ReadonlyMap<number, Task>, save: (state: T) => { readonly [field: string]: ImageValue }): ImageValue {
    const saved: ImageValue[] = [];
    for (const [pid, task] of tasks) {
      const state = this.peek(task);
      if (state !== undefined) saved.push({ pid, ...save(state) });
    }
    return saved;
  }

  /** The way back. Throws EINVAL for a pid that no task has. */
  restoreEach(
    from: ImageReader,
    tasks: ReadonlyMap<number, Task>,
    restore: (state: T, one: ImageReader, task: Task) => void,
  ): void {
    for (const one of from.list()) {
      const task = tasks.get(one.field('pid').number(1));
      if (task === undefined) throw one.field('pid').invalid('the pid of a task of the image');
      restore(this.get(task), one, task);
    }
  }

  /** As if it had never been made. */
  forget(task: Task): void {
    (task as KernelTask).states[this.#index] = undefined;
  }

  /** Replaces the task's state. */
  set(task: Task, state: T): void {
    this.get(task);
    (task as KernelTask).states[this.#index] = state;
  }
}
