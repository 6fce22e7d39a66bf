import { ErrorChannel, type Logger, type Machine } from '../kernel/index.js';
import type { Breakpoint } from './breakpoint.js';

/**
 * Decides what an error that a handler threw does to the run, after it was logged. No breakpoint: the handler of
 * another event.
 */
export type HandlerErrorPolicy = (error: unknown, breakpoint: Breakpoint | undefined) => 'continue' | 'stop';

/** The kernel's error channel, as far as handlers of breakpoints and events are concerned. */
export class HandlerErrors {
  readonly #channel: ErrorChannel;

  constructor(machine: Machine, logger: Logger, policy: HandlerErrorPolicy) {
    this.#channel = new ErrorChannel(
      logger,
      machine.hooks.error,
      (message, error) => machine.stop(message, error),
      (error, breakpoint) => policy(error, breakpoint as Breakpoint | undefined),
    );
  }

  /** Logs what a handler threw, and stops the run if the composition says so. `name`: whose handler. */
  report(error: unknown, breakpoint: Breakpoint | undefined, name: string): void {
    this.#channel.report(error, `the handler of ${name}`, breakpoint);
  }
}
