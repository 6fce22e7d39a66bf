import { kgdbError } from '../errors.js';
import type { ExecutionPort, ThreadsPort } from './target-port.js';
import type { ThreadNames } from './thread-id.js';

/** The threads that the debugger has selected. */
export class ThreadSelection {
  /** The thread of `Hg`: whose registers and memory are meant. 0: any. */
  general = 0;
  /** The thread of `Hc`. 0: any; -1: all. */
  resume = 0;
  readonly #threads: Pick<ThreadsPort, 'exists'>;
  readonly #execution: Pick<ExecutionPort, 'stop'>;
  readonly #names: Pick<ThreadNames, 'processOf'>;

  constructor(
    threads: Pick<ThreadsPort, 'exists'>,
    execution: Pick<ExecutionPort, 'stop'>,
    names: Pick<ThreadNames, 'processOf'>,
  ) {
    this.#threads = threads;
    this.#execution = execution;
    this.#names = names;
  }

  /** The thread that a packet about registers or memory means. Refuses if it is gone. */
  subject(): number {
    const { stop } = this.#execution;
    if (stop.kind !== 'stopped') {
      throw kgdbError('KGDB_ENDED', 'the program has ended; there is nothing to look at');
    }
    if (this.general <= 0) return stop.thread;
    if (this.#threads.exists(this.general)) return this.general;
    throw kgdbError('KGDB_NO_THREAD', `thread ${this.general} is gone; select another one`);
  }

  /** The process that packets about breakpoints mean: that of the thread whose memory is meant. */
  process(): number {
    const { stop } = this.#execution;
    const stopped = stop.kind === 'stopped' ? stop.thread : 0;
    return this.#names.processOf(this.general > 0 ? this.general : stopped);
  }

  /** The thread that `c` and `s` mean: that of `Hc`, or the one that stopped. */
  resumed(): number {
    if (this.resume > 0 && this.#threads.exists(this.resume)) return this.resume;
    const { stop } = this.#execution;
    return stop.kind === 'stopped' ? stop.thread : 0;
  }
}
