import type { ArchBreakpoint } from '@hwbp/core';

/** A validated request in x86's encoding. */
export interface X86Breakpoint extends ArchBreakpoint {
  /** Halves of the address, for the registers. */
  readonly hi: number;
  readonly lo: number;
  /** Linux's length code (`X86_BREAKPOINT_LEN_*`). */
  readonly len: number;
  /** Linux's type code (`X86_BREAKPOINT_EXECUTE`, `_WRITE`, `_RW`). */
  readonly type: number;
  /** Low address bits that are not compared, for ranges; 0 otherwise. */
  readonly mask: number;
}
