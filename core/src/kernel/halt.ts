import type { ExceptionInProgress, Suspension } from './die-chain.js';
import type { RunResult } from './machine-options.js';

/** Why a run ends, without how far it came. */
export type Reason = Omit<RunResult, 'instructions'>;

/** What ends a run before its budget does: somebody's `stop`, or an exception handler that suspended. */
export class Halt {
  #stop: Reason | undefined;
  /** Reported before {@link #stop}, which then ends the next run. */
  #suspension: Reason | undefined;

  /** True while there is something to report. */
  get pending(): boolean {
    return this.#stop !== undefined || this.#suspension !== undefined;
  }

  /** The first reason counts. */
  stop(message: string, detail: unknown): void {
    this.#stop ??= detail === undefined ? { reason: 'stopped', message } : { reason: 'stopped', message, detail };
  }

  suspend({ record: { cpu } }: ExceptionInProgress, { reason: message, detail }: Suspension): void {
    this.#suspension = { reason: 'suspended', message, cpu: cpu.index, ...(detail === undefined ? {} : { detail }) };
  }

  /** Reports it, once. */
  take(): Reason {
    const suspension = this.#suspension;
    this.#suspension = undefined;
    if (suspension !== undefined) return suspension;
    const stop = this.#stop as Reason;
    this.#stop = undefined;
    return stop;
  }
}
