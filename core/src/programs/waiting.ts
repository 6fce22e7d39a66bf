import type { Cpu } from '../hardware/index.js';

/** One wait of one task, from when it begins until the program goes on. */
export interface Sleep {
  /** What for, for people: `mutex counter_lock`. */
  readonly what: string;
  /** Asked when the task runs again: false lets it wait on. */
  readonly over: boolean;
  /** The program goes on: what it learns, behind what its instruction has loaded. 0: what it waited for has come. */
  end(): bigint;
}

/**
 * What an instruction waits for, once it has retired. It may be used again, by several tasks: what is one wait's own is
 * in the {@link Sleep}. Wait queues and timers of the kernel make them.
 */
export interface Waiting {
  /**
   * The instruction has retired on this CPU. `undefined`: there is nothing to wait for. Throws EDEADLK where nobody may
   * wait, as in an interrupt handler.
   */
  begin(cpu: Cpu): Sleep | undefined;
}

/** The wait that a program is in, if it is in one. */
export class Waits {
  #sleep: Sleep | undefined;

  /** True: it sleeps, and has nothing to execute. */
  get asleep(): boolean {
    return this.#sleep !== undefined && !this.#sleep.over;
  }

  /** What it waits for, for people; `undefined`: nothing. */
  get what(): string | undefined {
    return this.#sleep?.what;
  }

  /** The instruction has retired. What the program learns at once; `undefined`: it sleeps. */
  begin(cpu: Cpu, waiting: Waiting): bigint | undefined {
    this.#sleep = waiting.begin(cpu);
    return this.#sleep === undefined ? 0n : undefined;
  }

  /** The program runs again: what it learns of the wait that is over; `undefined`: there was none. Not while asleep. */
  end(): bigint | undefined {
    const sleep = this.#sleep;
    this.#sleep = undefined;
    return sleep?.end();
  }
}
