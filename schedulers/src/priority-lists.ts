import type { Admits, Task } from '@hwbp/core';
import { type ListEntry, TaskList } from './task-list.js';

/** Levels of priority; more than a class has is no harm. */
const WORDS = 4;

/** Those that wait for one CPU, one list for each priority: the highest that is not empty is found by its bit. */
export class PriorityLists {
  readonly #lists = Array.from({ length: 32 * WORDS }, () => new TaskList());
  readonly #used = new Int32Array(WORDS);
  /** The highest priority at which somebody waits; -1: none. */
  #top = -1;

  /** The highest priority at which somebody waits; -1: none. */
  get top(): number {
    return this.#top;
  }

  enter(entry: ListEntry, priority: number, head: boolean): void {
    const list = this.#lists[priority] as TaskList;
    if (head) list.unshift(entry);
    else list.push(entry);
    this.#used[priority >> 5] = (this.#used[priority >> 5] as number) | (1 << (priority & 31));
    if (priority > this.#top) this.#top = priority;
  }

  leave(entry: ListEntry, priority: number): void {
    const { list } = entry;
    if (list === undefined) return;
    list.remove(entry);
    if (!list.isEmpty) return;
    this.#used[priority >> 5] = (this.#used[priority >> 5] as number) & ~(1 << (priority & 31));
    if (priority === this.#top) this.#top = this.#below(priority);
  }

  /** The first of the highest priority of those that are admitted; of each list at most `most` are looked at. */
  first(admits: Admits, most?: number): Task | undefined {
    for (let level = this.#top; level >= 0; level = this.#below(level)) {
      const task = (this.#lists[level] as TaskList).first(admits, most);
      if (task !== undefined) return task;
    }
    return undefined;
  }

  /** True if somebody else waits at this priority. */
  hasAt(priority: number): boolean {
    return !(this.#lists[priority] as TaskList).isEmpty;
  }

  /** By priority, the highest first, each in its order. */
  *[Symbol.iterator](): Iterator<Task> {
    for (let level = this.#top; level >= 0; level = this.#below(level)) yield* this.#lists[level] as TaskList;
  }

  /** The same, below a bound. */
  #below(below: number): number {
    for (let word = (below - 1) >> 5; word >= 0; word--) {
      const top = below - 32 * word;
      const bits = (this.#used[word] as number) & (top >= 32 ? -1 : (1 << top) - 1);
      if (bits !== 0) return 32 * word + 31 - Math.clz32(bits);
    }
    return -1;
  }
}
