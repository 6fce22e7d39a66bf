import type { Cpu, HwBreakpointAttr } from '@hwbp/core';

/** The registers that one breakpoint of the debugger holds. */
export interface Claim {
  /** Gives them back. False if that has to wait: somebody is inside the accounting. */
  release(): boolean;
}

/** A register of a claim that an exception is about. */
export interface TouchedRegister {
  readonly claim: Claim;
  readonly attr: HwBreakpointAttr;
}

/** An exception is about these registers: what there is to know of it. */
export type ClaimHandler<Hit> = (hit: Hit, cpu: Cpu, touched: readonly TouchedRegister[]) => void;

/** How registers are claimed: for every CPU, or for every task. */
export interface Claims<Hit> {
  /** Told of hits: of one exception as often as registers of claims have seen it, with all of them each time. */
  onHit: ClaimHandler<Hit>;
  /** All or nothing: on a refusal (ENOSPC, what the architecture refuses, EBUSY) nothing is left. */
  claim(attrs: readonly HwBreakpointAttr[]): Claim;
  /** Stops following CPUs and tasks that come. */
  dispose(): void;
}
