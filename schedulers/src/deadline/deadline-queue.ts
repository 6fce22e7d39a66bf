import type { Admits, Task } from '@hwbp/core';
import { type HeapEntry, TaskHeap } from '../task-heap.js';
import { ListEntry, TaskList } from '../task-list.js';
import type { Reservation } from './reservation.js';

/** What is known of a task. Its key is its deadline, or when it has budget again, by its CPU's clock. */
export class DeadlineEntity extends ListEntry implements HeapEntry {
  key = 0;
  order = 0;
  at = -1;
  reservation: Reservation | undefined;
  /** Nanoseconds that are left of its run time. */
  budget = 0;
  heap: TaskHeap<DeadlineEntity> | undefined;
  /** By the clock of {@link cpu}; only with a reservation. */
  deadline = 0;
  cpu: number;

  constructor(task: Task) {
    super(task);
    this.cpu = task.cpu;
  }

  /** It waits for a CPU. */
  get waits(): boolean {
    return this.heap !== undefined || this.list !== undefined;
  }

  /** It has a reservation, and has used up what that gives it until its next period. */
  get isThrottled(): boolean {
    return this.reservation !== undefined && this.budget <= 0;
  }

  /** When its next period begins. */
  get replenishedAt(): number {
    return this.reservation === undefined ? 0 : this.deadline - this.reservation.deadline + this.reservation.period;
  }

  /** A new period, as often as it takes to have a budget (constant bandwidth server). */
  replenish(): void {
    const { reservation } = this;
    if (reservation === undefined) return;
    while (this.budget <= 0) {
      this.deadline += reservation.period;
      this.budget += reservation.runtime;
    }
  }

  /**
   * It wakes up: with what is left, if that is no more than its share until its deadline; else a new period begins now
   * (the wake-up rule of the constant bandwidth server).
   */
  wakeUp(now: number): void {
    const { reservation, deadline, budget } = this;
    if (reservation === undefined) return;
    const left = deadline - now;
    // Without a budget it has to wait for its next period, which is not over before that has begun.
    if (left > 0 && budget * reservation.deadline <= left * reservation.runtime) return;
    if (budget <= 0 && now < this.replenishedAt) return;
    this.deadline = now + reservation.deadline;
    this.budget = reservation.runtime;
  }
}

/**
 * Those that wait for one CPU: with a budget, by deadline; without a reservation, in turns; and whose budget is used
 * up.
 */
export class DeadlineQueue {
  readonly #ready = new TaskHeap<DeadlineEntity>();
  readonly #background = new TaskList<DeadlineEntity>();
  readonly #throttled = new TaskHeap<DeadlineEntity>();
  /** Who runs, until it is said that it does not. */
  running: DeadlineEntity | undefined;
  /** True if it has a budget, and uses it up. */
  charged = false;
  /** The clock when its time was last counted. */
  counted = 0;
  arrivals = 0;

  /** Those that wait. */
  length = 0;

  wait(entity: DeadlineEntity): void {
    entity.order = this.arrivals++;
    this.reenter(entity);
  }

  /** The one that runs is the next one of those like it. */
  waitFirst(entity: DeadlineEntity): void {
    this.arrivals++;
    entity.order = -this.arrivals;
    if (entity.reservation === undefined) this.#background.unshift(entity);
    this.#enter(entity);
  }

  leave(entity: DeadlineEntity): void {
    this.length--;
    if (entity.heap === undefined) this.#background.remove(entity);
    else entity.heap.remove(entity);
    entity.heap = undefined;
  }

  /** Back to where it stood: those without a reservation by their order. */
  reenter(entity: DeadlineEntity): void {
    if (entity.reservation === undefined) this.#background.push(entity);
    this.#enter(entity);
  }

  /** Whose next period has begun has a budget again. */
  refresh(now: number): void {
    for (let { first } = this.#throttled; first !== undefined && first.key <= now; { first } = this.#throttled) {
      this.leave(first);
      first.replenish();
      this.#enter(first);
    }
  }

  /** The earliest deadline; if there is none, the background; and a CPU that nobody else wants is nobody's loss. */
  first(admits: Admits): DeadlineEntity | undefined {
    return this.#ready.firstOf(admits) ?? this.#background.firstOf(admits) ?? this.#throttled.firstOf(admits);
  }

  /** Takes out the first of all of them. */
  take(): DeadlineEntity | undefined {
    const first = this.#ready.first ?? this.#background.first ?? this.#throttled.first;
    if (first !== undefined) this.leave(first);
    return first;
  }

  /** True where nobody who waits has a reservation. */
  get isBackground(): boolean {
    return this.#ready.length === 0 && this.#throttled.length === 0;
  }

  /** In such a queue: one without a reservation, which runs, waits, and whoever is next runs. */
  rotate(entity: DeadlineEntity, now: number, first: boolean): DeadlineEntity {
    if (this.charged) this.count(now);
    const { arrivals } = this;
    this.arrivals = arrivals + 1;
    entity.order = first ? -this.arrivals : arrivals;
    const next = first ? entity : this.#background.rotate(entity);
    this.running = next;
    this.charged = false;
    this.counted = now;
    return next;
  }

  /** It is on the CPU. */
  run(entity: DeadlineEntity, now: number): void {
    this.running = entity;
    this.charged = entity.reservation !== undefined && !entity.isThrottled;
    this.counted = now;
  }

  /** The one that runs does so no more. */
  stop(now: number): void {
    this.count(now);
    this.running = undefined;
  }

  /** The time that the one that runs has had since it was last counted. */
  count(now: number): void {
    if (this.running !== undefined && this.charged) this.running.budget -= now - this.counted;
    this.counted = now;
  }

  get earliest(): DeadlineEntity | undefined {
    return this.#ready.first;
  }

  get hasBackground(): boolean {
    return !this.#background.isEmpty;
  }

  /** One that may move: one with a deadline before others. */
  movable(admits: Admits, most: number): Task | undefined {
    return (this.#ready.anyOf(admits, most) ?? this.#background.firstOf(admits, most))?.task;
  }

  #enter(entity: DeadlineEntity): void {
    this.length++;
    if (entity.reservation === undefined) return;
    const { isThrottled } = entity;
    entity.key = isThrottled ? entity.replenishedAt : entity.deadline;
    entity.heap = isThrottled ? this.#throttled : this.#ready;
    entity.heap.push(entity);
  }
}
