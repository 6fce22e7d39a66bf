/** A CPU's time. It moves only when the CPU retires instructions. */
export interface Clock {
  /** Nanoseconds since the machine started. */
  readonly now: number;
  /** The CPU retired this many instructions. */
  advance(instructions: number): void;
}

/** A clock on which every instruction takes the same time. */
export class VirtualClock implements Clock {
  now = 0;
  readonly #unit: number;

  /** `unit`: nanoseconds an instruction takes. */
  constructor(unit: number) {
    this.#unit = unit;
  }

  advance(instructions: number): void {
    this.now += instructions * this.#unit;
  }
}
