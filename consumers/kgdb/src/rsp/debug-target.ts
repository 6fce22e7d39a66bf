import type { TargetPort } from './target-port.js';

/**
 * How a slice of running ended. `waiting`: nothing can run until something happens outside, such as input for a
 * program.
 */
export type Progress = 'stopped' | 'budget' | 'starved' | 'waiting';

/**
 * A target that debuggers attach to and let go of, as `KgdbServer.listen` and `KgdbSession` take it. While it is
 * attached to, whoever serves it calls {@link run} whenever the debugger lets it go on; each run ends within its
 * budget, so that a Ctrl-C is heard.
 *
 * A target that drives itself answers `waiting` to every run, and calls `execution.onStop` when it has stopped.
 */
export interface DebugTarget extends TargetPort {
  /** Stops it, for a debugger that has just come. If it throws, nothing of the debugger's is left. */
  attach(): void;
  /**
   * Lets it execute about `budget` instructions, unless a debugger has stopped it. `stopped`: it has, and
   * `execution.onStop` was called; or it has come to its end.
   */
  run(budget: number): Progress;
  /** True once it has come to its end, and its debugger, if there is one, has seen it. */
  readonly ended: boolean;
  /** The debugger is gone: everything that it took is given back, and the target goes on. */
  release(): void;
}
