import type { Cpu } from '../../hardware/index.js';
import type { ImageReader, ImageValue } from '../../image/index.js';
import type { Task } from '../../kernel/index.js';
import type { EventRecord } from './event-record.js';
import { take } from './take.js';

/**
 * The events of one task, or of one CPU: its groups in the order in which they are tried, and its time, which passes
 * only while the context is on a CPU.
 */
export class EventContext {
  /** `undefined`: a CPU's context. */
  readonly task: Task | undefined;
  /** Leaders of groups that are always on. */
  readonly pinned: EventRecord[] = [];
  /** Leaders of groups that take turns, the next one first. */
  readonly flexible: EventRecord[] = [];
  /** The CPU that it is on. */
  cpu: Cpu | undefined;
  /** A flexible group found no room in the latest pass. */
  rotate = false;
  /** Until all of it has been off, every change must schedule it anew: a shorter way would show. */
  dirty = false;
  /** Every event in it, also members of a group whose leader has ended. */
  readonly #events: EventRecord[] = [];
  #time = 0;
  #since = 0;

  constructor(task: Task | undefined) {
    this.task = task;
  }

  /** Nanoseconds that it has been on a CPU. */
  get now(): number {
    return this.cpu === undefined ? this.#time : this.#time + (this.cpu.clock.now - this.#since);
  }

  /** It comes to a CPU. */
  enter(cpu: Cpu): void {
    this.cpu = cpu;
    this.#since = cpu.clock.now;
  }

  /** It leaves its CPU. */
  leave(): void {
    this.#time = this.now;
    this.cpu = undefined;
  }

  /** Its time, and what is left to do about its groups, of a context in an image. */
  save(): { readonly [field: string]: ImageValue } {
    return { now: this.now, rotate: this.rotate, dirty: this.dirty };
  }

  /** The way back: its time goes on from there, where it is now. */
  restore(from: ImageReader): void {
    this.#time = from.field('now').number();
    this.#since = this.cpu?.clock.now ?? 0;
    this.rotate = from.field('rotate').flag();
    this.dirty = from.field('dirty').flag();
  }

  /** The list that a group's leader belongs to. */
  groups(leader: EventRecord): EventRecord[] {
    return leader.pinned ? this.pinned : this.flexible;
  }

  /** Events in it, members of groups included. */
  get size(): number {
    return this.#events.length;
  }

  /** All of them, in the order in which they came. */
  events(): readonly EventRecord[] {
    return [...this.#events];
  }

  /** @internal An event comes. */
  add(event: EventRecord): void {
    this.#events.push(event);
  }

  /** @internal It goes. */
  remove(event: EventRecord): void {
    take(this.#events, event);
  }
}
