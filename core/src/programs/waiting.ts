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
