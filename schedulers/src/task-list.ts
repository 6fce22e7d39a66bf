import type { Admits, Task } from '@hwbp/core';

/** A task's place in a {@link TaskList}: kept with the task, so that coming and going needs no look at the others. */
export class ListEntry {
  readonly task: Task;
  list: TaskList | undefined;
  before: ListEntry | undefined;
  behind: ListEntry | undefined;

  constructor(task: Task) {
    this.task = task;
  }
}

/** Tasks in an order that the caller decides: each comes at one of the ends, and leaves from wherever it stands. */
export class TaskList {
  #first: ListEntry | undefined;
  #last: ListEntry | undefined;

  get isEmpty(): boolean {
    return this.#first === undefined;
  }

  push(entry: ListEntry): void {
    entry.list = this;
    entry.before = this.#last;
    if (this.#last === undefined) this.#first = entry;
    else this.#last.behind = entry;
    this.#last = entry;
  }

  unshift(entry: ListEntry): void {
    entry.list = this;
    entry.behind = this.#first;
    if (this.#first === undefined) this.#last = entry;
    else this.#first.before = entry;
    this.#first = entry;
  }

  remove(entry: ListEntry): void {
    const { before, behind } = entry;
    if (before === undefined) this.#first = behind;
    else before.behind = behind;
    if (behind === undefined) this.#last = before;
    else behind.before = before;
    entry.list = undefined;
    entry.before = undefined;
    entry.behind = undefined;
  }

  /** The first of those that are admitted, of the `most` at the front. */
  first(admits: Admits, most = Number.POSITIVE_INFINITY): Task | undefined {
    let left = most;
    for (let entry = this.#first; entry !== undefined && left > 0; entry = entry.behind, left--) {
      if (admits(entry.task)) return entry.task;
    }
    return undefined;
  }

  *[Symbol.iterator](): Iterator<Task> {
    for (let entry = this.#first; entry !== undefined; entry = entry.behind) yield entry.task;
  }
}
