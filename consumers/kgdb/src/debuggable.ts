import type { RunResult } from '@hwbp/core';
import type { KgdbSession, SessionOptions } from './session.js';

/** How a run without a debugger went: see `machine.run`. */
export type FreeRun = Pick<RunResult, 'reason' | 'message' | 'detail'>;

/** What a server offers to debuggers: a kernel (`Kgdb`), hardware from outside, or a target of your own. */
export interface Debuggable {
  /** Attaches a debugger. A `KernelError` that it throws is shown to whoever debugs. */
  attach(options: SessionOptions): KgdbSession;
  /** Lets it execute while no debugger is attached. */
  run(budget: number): FreeRun;
  /** Asked when it idles: true if it has come to its end. */
  readonly over: boolean;
}
