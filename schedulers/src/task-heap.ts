import type { Admits, Task } from '@hwbp/core';

/** A task in a {@link TaskHeap}: kept with the task, so that it leaves without a search. */
export interface HeapEntry {
  readonly task: Task;
  /** What it is ordered by; the least is the first. Stays as it is in a heap. */
  readonly key: number;
  /** Of equal keys the lower one goes first: who came first. Likewise. */
  readonly order: number;
  /** Where it stands; -1: in no heap. The heap alone writes it. @settable */
  at: number;
}

/** Children of one. Keys of that many are beside each other: with thousands it is memory that takes the time. */
const WIDTH = 4;

/**
 * Tasks by a key: the least is at hand, and each comes and goes in a time that grows with the logarithm of the number.
 */
export class TaskHeap<Entry extends HeapEntry> {
  readonly #entries: Entry[] = [];
  /** Of each entry its key and its order, so that comparing looks at nobody. */
  #ranks = new Float64Array(2 * 16);

  get length(): number {
    return this.#entries.length;
  }

  get first(): Entry | undefined {
    return this.#entries[0];
  }

  push(entry: Entry): void {
    const at = this.#entries.length;
    if (2 * at === this.#ranks.length) this.#grow();
    this.#entries.push(entry);
    this.#up(entry, at);
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

  /** Takes out the first of all of them and this one, which is in here then, if it is not that itself. */
  exchange(entry: Entry): Entry {
    const { first } = this;
    if (first === undefined || this.#goesBefore(entry.key, entry.order, 0)) return entry;
    first.at = -1;
    if (this.#entries.length === 1) this.#put(entry, 0);
    else this.#down(entry, 0);
    return first;
  }

  /** The first of those that are admitted. */
  firstOf(admits: Admits): Entry | undefined {
    const { first } = this;
    if (first === undefined || admits(first.task)) return first;
    let best: Entry | undefined;
    for (const entry of this.#entries) {
      if (admits(entry.task) && (best === undefined || this.#goesBefore(entry.key, entry.order, best.at))) best = entry;
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

  #up(entry: Entry, from: number): void {
    const { key, order } = entry;
    let at = from;
    while (at > 0) {
      const above = ((at - 1) / WIDTH) | 0;
      if (!this.#goesBefore(key, order, above)) break;
      this.#move(above, at);
      at = above;
    }
    this.#put(entry, at);
  }

  #down(entry: Entry, from: number): void {
    const { key, order } = entry;
    let at = from;
    for (;;) {
      const below = this.#leastBelow(at);
      if (below < 0 || this.#goesBefore(key, order, below)) break;
      this.#move(below, at);
      at = below;
    }
    this.#put(entry, at);
  }

  /** The child that goes before the others; -1: there is none. */
  #leastBelow(at: number): number {
    const ranks = this.#ranks;
    const first = WIDTH * at + 1;
    const end = Math.min(first + WIDTH, this.#entries.length);
    if (first >= end) return -1;
    let least = first;
    for (let i = first + 1; i < end; i++) {
      if (this.#goesBefore(ranks[2 * i] as number, ranks[2 * i + 1] as number, least)) least = i;
    }
    return least;
  }

  #goesBefore(key: number, order: number, at: number): boolean {
    const other = this.#ranks[2 * at] as number;
    return key < other || (key === other && order < (this.#ranks[2 * at + 1] as number));
  }

  #move(from: number, to: number): void {
    const ranks = this.#ranks;
    const entry = this.#entries[from] as Entry;
    this.#entries[to] = entry;
    entry.at = to;
    ranks[2 * to] = ranks[2 * from] as number;
    ranks[2 * to + 1] = ranks[2 * from + 1] as number;
  }

  #put(entry: Entry, at: number): void {
    this.#entries[at] = entry;
    entry.at = at;
    this.#ranks[2 * at] = entry.key;
    this.#ranks[2 * at + 1] = entry.order;
  }

  #grow(): void {
    const ranks = new Float64Array(2 * this.#ranks.length);
    ranks.set(this.#ranks);
    this.#ranks = ranks;
  }
}
