import type { Admits, Task } from '@hwbp/core';

/** A task's place in a {@link TaskList}: kept with the task, so that coming and going needs no look at the others. */
export class ListEntry {
  readonly task: Task;
  /** Where it stands, and between whom: the list alone writes these. */
  list: object | undefined;
  before: this | undefined;
  behind: this | undefined;

  constructor(task: Task) {
    this.task = task;
  }
}

/** Tasks in an order that the caller decides: each comes at one of the ends, and leaves from wherever it stands. */
export class TaskList<Entry extends ListEntry> {
  #first: Entry | undefined;
  #last: Entry | undefined;

  get isEmpty(): boolean {
    return this.#first === undefined;
  }

  get first(): Entry | undefined {
    return this.#first;
  }

  push(entry: Entry): void {
    const last = this.#last;
    entry.list = this;
    entry.before = last;
    if (last === undefined) this.#first = entry;
    else last.behind = entry;
    this.#last = entry;
  }

  unshift(entry: Entry): void {
    entry.list = this;
    entry.behind = this.#first;
    if (this.#first === undefined) this.#last = entry;
    else this.#first.before = entry;
    this.#first = entry;
  }

  remove(entry: Entry): void {
    const { before, behind } = entry;
    if (before === undefined) this.#first = behind;
    else before.behind = behind;
    if (behind === undefined) this.#last = before;
    else behind.before = before;
    entry.list = undefined;
    entry.before = undefined;
    entry.behind = undefined;
  }

  /** Takes the first one out: the same, shorter. */
  shift(): Entry | undefined {
    const first = this.#first;
    if (first === undefined) return undefined;
    const { behind } = first;
    this.#first = behind;
    if (behind === undefined) this.#last = undefined;
    else behind.before = undefined;
    first.list = undefined;
    first.behind = undefined;
    return first;
  }

  /** One comes to the end, and the first one goes, which is that itself where nobody else is. */
  rotate(entry: Entry): Entry {
    const first = this.#first;
    const last = this.#last;
    if (first === undefined || last === undefined) return entry;
    entry.list = this;
    entry.before = last;
    last.behind = entry;
    this.#last = entry;
    const second = first.behind as Entry;
    second.before = undefined;
    this.#first = second;
    first.list = undefined;
    first.behind = undefined;
    return first;
  }

  /** The first of those that are admitted, of the `most` at the front. */
  firstOf(admits: Admits, most = Number.POSITIVE_INFINITY): Entry | undefined {
    let left = most;
    for (let entry = this.#first; entry !== undefined && left > 0; entry = entry.behind, left--) {
      if (admits(entry.task)) return entry;
    }
    return undefined;
  }

  *[Symbol.iterator](): Iterator<Entry> {
    for (let entry = this.#first; entry !== undefined; entry = entry.behind) yield entry;
  }
}
