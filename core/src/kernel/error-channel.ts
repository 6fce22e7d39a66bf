import { KernelError } from '../errors/index.js';
import type { Cpu } from '../hardware/index.js';
import type { HookList } from './hooks.js';
import type { Logger } from './logger.js';

/** What somebody's code threw that the kernel had called. */
export interface ErrorReport {
  readonly error: unknown;
  /** Whose code, such as `the handler of counter`. */
  readonly what: string;
  /** What it is about, such as the breakpoint; `undefined`: nothing that others know. */
  readonly subject: unknown;
  /** Where it was called; `undefined`: nobody has said. */
  readonly cpu: Cpu | undefined;
}

/** Decides what an error does to the run, after it was logged. */
export type ErrorDecision = (error: unknown, subject: unknown) => 'continue' | 'stop';

/** The kernel's error channel: where the errors of whoever it has called go. The kernel itself goes on. */
export class ErrorChannel {
  readonly #logger: Logger;
  readonly #reported: HookList<[report: ErrorReport]>;
  readonly #stop: (message: string, error: unknown) => void;
  readonly #decide: ErrorDecision;
  #telling = false;

  /** `reported`: told of each, before the run is stopped. */
  constructor(
    logger: Logger,
    reported: HookList<[report: ErrorReport]>,
    stop: (message: string, error: unknown) => void,
    decide: ErrorDecision = () => 'continue',
  ) {
    this.#logger = logger;
    this.#reported = reported;
    this.#stop = stop;
    this.#decide = decide;
  }

  /**
   * Logs what `what` threw, and stops the run if the composition says so. `cpu`: where it was called. A panic is
   * nobody's to catch.
   */
  report(error: unknown, what: string, subject?: unknown, cpu?: Cpu): void {
    if (error instanceof KernelError && error.code === 'KERNEL_PANIC') throw error;
    this.#logger.log('error', `${what} threw: ${String(error)}`);
    // Who is told of errors and throws is not told of that.
    if (this.#telling) return;
    this.#telling = true;
    try {
      this.#tell(error, what, subject, cpu);
    } finally {
      this.#telling = false;
    }
  }

  #tell(error: unknown, what: string, subject: unknown, cpu: Cpu | undefined): void {
    this.#reported.call({ error, what, subject, cpu });
    if (this.#decide(error, subject) === 'stop') this.#stop(`${what} threw`, error);
  }

  /** Calls somebody's code, whose error is reported; false if it threw. */
  guard(what: string, call: () => void, cpu?: Cpu): boolean {
    try {
      call();
      return true;
    } catch (error) {
      this.report(error, what, undefined, cpu);
      return false;
    }
  }
}
