import type { Admits, Task } from '@hwbp/core';

/** A task in a {@link TaskHeap}: kept with the task, so that it leaves without a search. */
export class HeapEntry {
  readonly task: Task;
  /** What it is ordered by; the least is the first. */
  key = 0;
  /** Of equal keys the lower one goes first: who came first. */
  order = 0;
  /** Where it stands; -1: in no heap. */
  at = -1;

  constructor(task: Task) {
    this.task = task;
  }
}

const goesBefore = (a: HeapEntry, b: HeapEntry): boolean => a.key < b.key || (a.key === b.key && a.order < b.order);

/**
 * Tasks by a key: the least is at hand, and each comes and goes in a time that grows with the logarithm of the number.
 */
export class TaskHeap<Entry extends HeapEntry> {
  readonly #entries: Entry[] = [];

  get length(): number {
    return this.#entries.length;
  }

  get first(): Entry | undefined {
    return this.#entries[0];
  }

  push(entry: Entry): void {
    this.#entries.push(entry);
    this.#up(entry, this.#entries.length - 1);
  }

  /** Takes it out, if it is in here. */
  remove(entry: Entry): void {
    const { at } = entry;
    if (this.#entries[at] !== entry) return;
    entry.at = -1;
    const last = this.#entries.pop() as Entry;
    if (last === entry) return;
    this.#up(last, at);
    if (last.at === at) this.#down(last, at);
  }

  /** The first of those that are admitted. */
  firstOf(admits: Admits): Entry | undefined {
    const { first } = this;
    if (first === undefined || admits(first.task)) return first;
    let best: Entry | undefined;
    for (const entry of this.#entries) {
      if (admits(entry.task) && (best === undefined || goesBefore(entry, best))) best = entry;
    }
    return best;
  }

  /** One of those that are admitted, of the `most` at hand. */
  anyOf(admits: Admits, most: number): Entry | undefined {
    const end = Math.min(most, this.#entries.length);
    for (let at = 0; at < end; at++) {
      const entry = this.#entries[at] as Entry;
      if (admits(entry.task)) return entry;
    }
    return undefined;
  }

  /** In their order. */
  get sorted(): readonly Entry[] {
    return [...this.#entries].sort((a, b) => (goesBefore(a, b) ? -1 : 1));
  }

  #up(entry: Entry, from: number): void {
    let at = from;
    while (at > 0) {
      const above = this.#entries[(at - 1) >> 1] as Entry;
      if (!goesBefore(entry, above)) break;
      this.#put(above, at);
      at = (at - 1) >> 1;
    }
    this.#put(entry, at);
  }

  #down(entry: Entry, from: number): void {
    let at = from;
    for (;;) {
      let below = 2 * at + 1;
      const [left, right] = [this.#entries[below], this.#entries[below + 1]];
      if (left === undefined) break;
      if (right !== undefined && goesBefore(right, left)) below++;
      const next = this.#entries[below] as Entry;
      if (!goesBefore(next, entry)) break;
      this.#put(next, at);
      at = below;
    }
    this.#put(entry, at);
  }

  #put(entry: Entry, at: number): void {
    this.#entries[at] = entry;
    entry.at = at;
  }
}
