import type { TargetPort } from './target-port.js';

/**
 * How a slice of running ended. `waiting`: nothing can run until something happens outside, such as input for a
 * program.
 */
export type Progress = 'stopped' | 'budget' | 'starved' | 'waiting';

/** A target that debuggers attach to and let go of; made for one of them. */
export interface DebugTarget extends TargetPort {
  /** Stops it, for a debugger that has just come. If it throws, nothing of the debugger's is left. */
  attach(): void;
  /** Lets it execute about `budget` instructions, if the debugger lets it run. */
  run(budget: number): Progress;
  /** True once the debugger has seen its end. */
  readonly ended: boolean;
  /** The debugger is gone: everything that it took is given back, and the target goes on. */
  release(): void;
}
