/** A CPU's time. It moves only when the CPU retires instructions. */
export interface Clock {
  /** Nanoseconds since the hardware was switched on. */
  readonly now: number;
  /** The CPU retired this many instructions. */
  advance(instructions: number): void;
  /** Instructions, 1 or more, until {@link now} has reached a later `time`. */
  until(time: number): number;
  /**
   * Moves it to a time, as where a kernel goes on from an image. A clock without it cannot: its machine makes no image.
   */
  set?(now: number): void;
}

/** A clock on which every instruction takes the same time. */
export class VirtualClock implements Clock {
  #now = 0;
  readonly #unit: number;

  /** `unit`: nanoseconds an instruction takes. */
  constructor(unit: number) {
    this.#unit = unit;
  }

  get now(): number {
    return this.#now;
  }

  advance(instructions: number): void {
    this.#now += instructions * this.#unit;
  }

  until(time: number): number {
    return Math.max(1, Math.ceil((time - this.#now) / this.#unit));
  }

  set(now: number): void {
    this.#now = now;
  }
}
