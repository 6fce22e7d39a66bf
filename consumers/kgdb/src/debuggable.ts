import type { RunResult } from '@hwbp/core';
import type { KgdbSession, SessionOptions } from './session.js';

/** What a server offers to debuggers: a kernel (`Kgdb`), hardware from outside, or something of your own. */
export interface Debuggable {
  /** Attaches a debugger. A `KernelError` that it throws is shown to whoever debugs. */
  attach(options: SessionOptions): KgdbSession;
  /** Lets it execute while no debugger is attached: see `machine.run`. */
  run(budget: number): RunResult;
  /** Asked when it idles: true if it has come to its end. */
  readonly over: boolean;
}
