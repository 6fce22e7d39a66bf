import type { Admits } from '@hwbp/core';
import { type ListEntry, TaskList } from './task-list.js';

/** Levels of priority; more than a class has is no harm. */
const WORDS = 4;

/** Those that wait for one CPU, one list for each priority: the highest that is not empty is found by its bit. */
export class PriorityLists<Entry extends ListEntry> {
  readonly #lists = Array.from({ length: 32 * WORDS }, () => new TaskList<Entry>());
  readonly #used = new Int32Array(WORDS);
  /** The highest priority at which somebody waits; -1: none. */
  #top = -1;

  /** The highest priority at which somebody waits; -1: none. */
  get top(): number {
    return this.#top;
  }

  enter(entry: Entry, priority: number, head: boolean): void {
    const list = this.#at(priority);
    if (list.isEmpty) this.#use(priority);
    if (head) list.unshift(entry);
    else list.push(entry);
  }

  leave(entry: Entry, priority: number): void {
    if (entry.list === undefined) return;
    const list = this.#at(priority);
    list.remove(entry);
    if (list.isEmpty) this.#emptied(priority);
  }

  /** Takes out the first of the highest priority. */
  take(): Entry | undefined {
    const level = this.#top;
    if (level < 0) return undefined;
    const list = this.#at(level);
    const first = list.shift();
    if (list.isEmpty) this.#emptied(level);
    return first;
  }

  /** The first of the highest priority of those that are admitted; of each list at most `most` are looked at. */
  first(admits: Admits, most?: number): Entry | undefined {
    for (let level = this.#top; level >= 0; level = this.#below(level)) {
      const entry = this.#at(level).firstOf(admits, most);
      if (entry !== undefined) return entry;
    }
    return undefined;
  }

  /** True if somebody else waits at this priority. */
  hasAt(priority: number): boolean {
    return !this.#at(priority).isEmpty;
  }

  /** By priority, the highest first, each in its order. */
  *[Symbol.iterator](): Iterator<Entry> {
    for (let level = this.#top; level >= 0; level = this.#below(level)) yield* this.#at(level);
  }

  #use(priority: number): void {
    this.#used[priority >> 5] = (this.#used[priority >> 5] as number) | (1 << (priority & 31));
    if (priority > this.#top) this.#top = priority;
  }

  /** Nobody waits at this priority any more. */
  #emptied(priority: number): void {
    this.#used[priority >> 5] = (this.#used[priority >> 5] as number) & ~(1 << (priority & 31));
    if (priority === this.#top) this.#top = this.#below(priority);
  }

  /** The highest one at which somebody waits, below a bound. */
  #below(below: number): number {
    for (let word = (below - 1) >> 5; word >= 0; word--) {
      const top = below - 32 * word;
      const bits = (this.#used[word] as number) & (top >= 32 ? -1 : (1 << top) - 1);
      if (bits !== 0) return 32 * word + 31 - Math.clz32(bits);
    }
    return -1;
  }

  #at(priority: number): TaskList<Entry> {
    return this.#lists[priority] as TaskList<Entry>;
  }
}
