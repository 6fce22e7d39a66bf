import type { Logger, Machine } from '../kernel/index.js';
import type { Breakpoint } from './breakpoint.js';

/**
 * Decides what an error that a handler threw does to the run, after it was logged. No breakpoint: the handler of
 * another event.
 */
export type HandlerErrorPolicy = (error: unknown, breakpoint: Breakpoint | undefined) => 'continue' | 'stop';

/** The kernel's error channel: where the errors of handlers go. */
export class HandlerErrors {
  readonly #machine: Machine;
  readonly #logger: Logger;
  readonly #policy: HandlerErrorPolicy;

  constructor(machine: Machine, logger: Logger, policy: HandlerErrorPolicy) {
    this.#machine = machine;
    this.#logger = logger;
    this.#policy = policy;
  }

  /** Logs what a handler threw, and stops the run if the composition says so. `name`: whose handler. */
  report(error: unknown, breakpoint: Breakpoint | undefined, name: string): void {
    this.#logger.log('error', `the handler of ${name} threw: ${String(error)}`);
    if (this.#policy(error, breakpoint) === 'stop') this.#machine.stop(`the handler of ${name} threw`, error);
  }
}
