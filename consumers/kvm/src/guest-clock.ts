import type { Clock } from '@hwbp/core';

/** What counts the instructions of a guest while it is on a physical CPU. */
export interface Retirement {
  /** Instructions more have retired. */
  retire(instructions: number): void;
}

/**
 * A virtual CPU's time: that of the physical CPU, from when the virtual one was made. It goes on while others run
 * there, as a guest's time does, and never back where the virtual CPU moves to a CPU that is behind.
 */
export class GuestClock implements Clock {
  #clock: Clock;
  /** What the physical clock is ahead. */
  #offset: number;
  #retirement: Retirement | undefined;
  /** Where it stands still. */
  #held: number | undefined;

  /** `clock`: of the CPU on which it begins. */
  constructor(clock: Clock) {
    this.#clock = clock;
    this.#offset = clock.now;
  }

  get now(): number {
    return this.#held ?? this.#clock.now - this.#offset;
  }

  advance(instructions: number): void {
    if (this.#retirement === undefined) this.#clock.advance(instructions);
    else this.#retirement.retire(instructions);
  }

  until(time: number): number {
    return this.#clock.until(time + this.#offset);
  }

  /** A time of the guest's on the physical clock. */
  hostTime(time: number): number {
    return time + this.#offset;
  }

  /** It stands still: somebody debugs the guest, and has it. */
  hold(): void {
    this.#held = this.now;
  }

  /** It goes on from where it has stood. */
  release(): void {
    if (this.#held === undefined) return;
    this.#offset = this.#clock.now - this.#held;
    this.#held = undefined;
  }

  /** It is on a physical CPU now; without `retirement` nobody there counts. */
  enter(clock: Clock, retirement: Retirement | undefined): void {
    if (clock !== this.#clock) {
      this.#offset = clock.now - this.now;
      this.#clock = clock;
    }
    this.#retirement = retirement;
  }
}
