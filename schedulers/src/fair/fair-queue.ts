import type { Task } from '@hwbp/core';
import { type HeapEntry, TaskHeap } from '../task-heap.js';
import { NICE_0 } from './weights.js';

/** What is known of a task. Its key is its virtual run time, in nanoseconds of a task of nice 0. */
export class FairEntity implements HeapEntry {
  readonly task: Task;
  key = 0;
  order = 0;
  at = -1;
  nice = 0;
  weight = NICE_0;
  /** Nanoseconds that it has run since it came onto its CPU. */
  ran = 0;
  /** The CPU whose virtual time its key is of. */
  cpu: number;

  constructor(task: Task) {
    this.task = task;
    this.cpu = task.cpu;
  }
}

/** The tasks of one CPU: those that wait, by virtual run time, and the one that runs. */
export class FairQueue {
  readonly waiting = new TaskHeap<FairEntity>();
  /** Who runs, until it is said that it does not. */
  running: FairEntity | undefined;
  /** Weights of all of them. */
  load = 0;
  /** The CPU's clock when the running one's time was last counted. */
  #counted = 0;
  #virtualTime = 0;
  #order = 0;

  /** The virtual time of the CPU: it never goes back. New ones and sleepers begin near it. */
  get virtualTime(): number {
    return this.#virtualTime;
  }

  /** Tasks. */
  get length(): number {
    return this.waiting.length + (this.running === undefined ? 0 : 1);
  }

  wait(entity: FairEntity): void {
    entity.order = this.#order++;
    this.waiting.push(entity);
    this.load += entity.weight;
  }

  leave(entity: FairEntity): void {
    this.waiting.remove(entity);
    this.load -= entity.weight;
  }

  /** The one that runs waits, and whoever is next does not any more: it runs. */
  exchange(entity: FairEntity, now: number, yields: boolean): FairEntity {
    this.#charge(entity, now);
    const { first } = this.waiting;
    if (yields && first !== undefined && first.key > entity.key) entity.key = first.key;
    entity.order = this.#order++;
    const next = this.waiting.exchange(entity);
    // Nobody's is less.
    if (next.key > this.#virtualTime) this.#virtualTime = next.key;
    this.running = next;
    next.ran = 0;
    return next;
  }

  #charge(entity: FairEntity, now: number): void {
    const passed = now - this.#counted;
    if (passed === 0) return;
    this.#counted = now;
    entity.ran += passed;
    entity.key += (passed * NICE_0) / entity.weight;
  }

  run(entity: FairEntity, now: number): void {
    this.running = entity;
    entity.ran = 0;
    this.load += entity.weight;
    this.#counted = now;
  }

  /** The one that runs does so no more. */
  stop(now: number): void {
    if (this.running === undefined) return;
    this.count(now);
    this.load -= this.running.weight;
    this.running = undefined;
  }

  /** The time that the running one has had since. */
  count(now: number): void {
    const { running, waiting } = this;
    if (running !== undefined) this.#charge(running, now);
    const least = Math.min(running?.key ?? Number.POSITIVE_INFINITY, waiting.first?.key ?? Number.POSITIVE_INFINITY);
    if (least !== Number.POSITIVE_INFINITY) this.#virtualTime = Math.max(this.#virtualTime, least);
  }

  /** Tasks that have come so far: of equal virtual run times the one that came first is next. */
  get arrivals(): number {
    return this.#order;
  }

  /** The way back from an image. */
  restore(virtualTime: number, order: number): void {
    this.#virtualTime = virtualTime;
    this.#order = order;
  }
}
