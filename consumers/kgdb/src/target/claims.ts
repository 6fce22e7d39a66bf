import type { HitHandler, HwBreakpointAttr } from '@hwbp/core';

/** The registers that one breakpoint of the debugger holds. */
export interface Claim {
  /** Gives them back. False if that has to wait: somebody is inside the accounting. */
  release(): boolean;
}

/** How registers are claimed: for every CPU, or for every task. */
export interface Claims {
  /** All or nothing: on a refusal (ENOSPC, what the architecture refuses, EBUSY) nothing is left. */
  claim(attrs: readonly HwBreakpointAttr[], handler: HitHandler): Claim;
  /** Stops following CPUs and tasks that come. */
  dispose(): void;
}
