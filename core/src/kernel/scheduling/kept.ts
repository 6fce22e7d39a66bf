import type { KernelTask, Task } from '../task.js';
import type { PerTask } from './scheduling-class.js';

/** Something that a class keeps with every task: a slot of the task's own, found without a search. */
export class Kept<T extends object> implements PerTask<T> {
  readonly #kind: number;
  readonly #create: (task: Task) => T;

  constructor(kind: number, create: (task: Task) => T) {
    this.#kind = kind;
    this.#create = create;
  }

  get(task: Task): T {
    return ((task as KernelTask).entities[this.#kind] as T | undefined) ?? this.#make(task as KernelTask);
  }

  #make(task: KernelTask): T {
    while (task.entities.length < this.#kind) task.entities.push(undefined);
    const made = this.#create(task);
    task.entities[this.#kind] = made;
    return made;
  }
}
