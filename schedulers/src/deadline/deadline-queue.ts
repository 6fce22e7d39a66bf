import type { Admits, Task } from '@hwbp/core';
import { HeapEntry, TaskHeap } from '../task-heap.js';
import type { Reservation } from './reservation.js';

/** What is known of a task. Its key is its deadline, or when it has budget again, by its CPU's clock. */
export class DeadlineEntity extends HeapEntry {
  reservation: Reservation | undefined;
  /** Nanoseconds that are left of its run time. */
  budget = 0;
  /** By the clock of {@link cpu}; only with a reservation. */
  deadline = 0;
  cpu: number;

  constructor(task: Task) {
    super(task);
    this.cpu = task.cpu;
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

/** Those that wait for one CPU: with a budget, by deadline; without a reservation, in turns; and whose budget is used up. */
export class DeadlineQueue {
  readonly #ready = new TaskHeap<DeadlineEntity>();
  readonly #background = new TaskHeap<DeadlineEntity>();
  readonly #throttled = new TaskHeap<DeadlineEntity>();
  /** Who runs, until it is said that it does not. */
  running: DeadlineEntity | undefined;
  /** True if it has a budget, and uses it up. */
  charged = false;
  /** The clock when its time was last counted. */
  counted = 0;
  arrivals = 0;

  wait(entity: DeadlineEntity): void {
    entity.order = this.arrivals++;
    this.#enter(entity);
  }

  /** The one that runs is the next one of those like it. */
  waitFirst(entity: DeadlineEntity): void {
    this.arrivals++;
    entity.order = -this.arrivals;
    this.#enter(entity);
  }

  /** Where it stood. */
  reenter(entity: DeadlineEntity): void {
    this.#enter(entity);
  }

  leave(entity: DeadlineEntity): void {
    for (const heap of [this.#ready, this.#background, this.#throttled]) heap.remove(entity);
  }

  /** Whose next period has begun has a budget again. */
  refresh(now: number): void {
    for (let { first } = this.#throttled; first !== undefined && first.key <= now; { first } = this.#throttled) {
      this.#throttled.remove(first);
      first.replenish();
      this.#enter(first);
    }
  }

  /** The earliest deadline; if there is none, the background; and a CPU that nobody else wants is nobody's loss. */
  first(admits: Admits): DeadlineEntity | undefined {
    return this.#ready.firstOf(admits) ?? this.#background.firstOf(admits) ?? this.#throttled.firstOf(admits);
  }

  get earliest(): DeadlineEntity | undefined {
    return this.#ready.first;
  }

  get hasBackground(): boolean {
    return this.#background.length > 0;
  }

  get length(): number {
    return this.#ready.length + this.#background.length + this.#throttled.length;
  }

  /** One that may move: with the earliest deadline, or of the background. */
  movable(admits: Admits, most: number): DeadlineEntity | undefined {
    return this.#ready.anyOf(admits, most) ?? this.#background.anyOf(admits, most);
  }

  #enter(entity: DeadlineEntity): void {
    if (entity.reservation === undefined) {
      entity.key = 0;
      this.#background.push(entity);
    } else if (entity.isThrottled) {
      entity.key = entity.replenishedAt;
      this.#throttled.push(entity);
    } else {
      entity.key = entity.deadline;
      this.#ready.push(entity);
    }
  }
}
