import type { DebugUnit } from '@hwbp/core';

/** A value register, in halves, and its control register. */
export interface RegisterPair {
  readonly hi: number;
  readonly lo: number;
  readonly control: number;
}

/** The debug registers of an arm64 CPU as a driver writes them: any debug unit that has them can be driven. */
export interface Arm64Silicon extends DebugUnit {
  /** DBGBVR and DBGBCR pairs, 2 to 16. */
  readonly brps: number;
  /** DBGWVR and DBGWCR pairs, 2 to 16. */
  readonly wrps: number;
  /** FAR_EL1: the address that the latest watchpoint exception has reported; 64 bits. */
  readonly far: bigint;
  /** ESR_EL1 of the latest debug exception; 32 bits. */
  readonly esr: number;
  /** MDSCR_EL1. @settable */
  mdscr: number;
  /** OSLSR_EL1.OSLK: locked, as after a reset, no breakpoint and no watchpoint fires. @settable */
  osLock: boolean;
  /** Writes DBGBVR and DBGBCR `n`: the address in halves. */
  setBreakpoint(n: number, hi: number, lo: number, control: number): void;
  /** Writes DBGWVR and DBGWCR `n`. */
  setWatchpoint(n: number, hi: number, lo: number, control: number): void;
}
