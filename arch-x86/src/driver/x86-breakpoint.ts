import type { RangeBreakpoint } from '@hwbp/core';

/** A validated request in x86's encoding. */
export interface X86Breakpoint extends RangeBreakpoint {
  /** Linux's length code (`X86_BREAKPOINT_LEN_*`). */
  readonly len: number;
  /** Linux's type code (`X86_BREAKPOINT_EXECUTE`, `_WRITE`, `_RW`). */
  readonly type: number;
  /** Low address bits that are not compared, for ranges; 0 otherwise. */
  readonly mask: number;
}
