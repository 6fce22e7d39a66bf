import type { HwBreakpointAttr } from '@hwbp/core';

/** The registers that one breakpoint of the debugger holds. */
export interface Claim {
  /** Gives them back. False if that has to wait: somebody is inside the accounting. */
  release(): boolean;
}

/** A register was hit: what there is to know of it, and the address that it watches. */
export type ClaimHandler<Hit> = (hit: Hit, address: bigint) => void;

/** How registers are claimed: for every CPU, or for every task. */
export interface Claims<Hit> {
  /** All or nothing: on a refusal (ENOSPC, what the architecture refuses, EBUSY) nothing is left. */
  claim(attrs: readonly HwBreakpointAttr[], handler: ClaimHandler<Hit>): Claim;
  /** Stops following CPUs and tasks that come. */
  dispose(): void;
}
