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

  /** Logs what `what` threw, and stops the run if the composition says so. `cpu`: where it was called. */
  report(error: unknown, what: string, subject?: unknown, cpu?: Cpu): void {
    this.#logger.log('error', `${what} threw: ${String(error)}`);
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
