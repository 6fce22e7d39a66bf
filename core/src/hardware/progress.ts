import type { Clock } from './clock.js';
import type { Mode } from './context.js';

/** How far a CPU has come: instructions that retired, and what the run of a program on it has cost. */
export class Progress {
  /** Its time, which every instruction advances. @settable */
  clock: Clock;
  /** Instructions that have retired. */
  instructions = 0;
  /** Those of them that were in user mode. */
  userInstructions = 0;
  /** Exceptions of this run that were taken instead of an instruction. */
  faults = 0;
  /** A program executes, on the stack of calls of whoever runs the CPU. */
  busy = false;
  /** Instructions of this run that were accounted. */
  accounted = 0;
  readonly #retired: { count: number };

  /** `retired`: counts the instructions of every CPU of the computer. */
  constructor(clock: Clock, retired: { count: number }) {
    this.clock = clock;
    this.#retired = retired;
  }

  /** Instructions that all CPUs of the computer have retired. */
  get retired(): number {
    return this.#retired.count;
  }

  /** Puts it where another CPU was. */
  restore(instructions: number, userInstructions: number): void {
    this.#retired.count += instructions - this.instructions;
    this.instructions = instructions;
    this.userInstructions = userInstructions;
  }

  begin(): void {
    this.accounted = 0;
    this.faults = 0;
    this.busy = true;
  }

  end(count: number, mode: Mode): void {
    this.busy = false;
    this.account(count, mode);
  }

  /** `count` instructions of this run have retired by now, the latest of them in this mode. */
  account(count: number, mode: Mode): void {
    const fresh = count - this.accounted;
    if (fresh <= 0) return;
    this.accounted = count;
    this.instructions += fresh;
    if (mode === 'user') this.userInstructions += fresh;
    this.#retired.count += fresh;
    this.clock.advance(fresh);
  }
}
