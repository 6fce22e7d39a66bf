import type { RangeBreakpoint } from '@hwbp/core';

/** A validated request in ppc64's encoding. */
export interface Ppc64Breakpoint extends RangeBreakpoint {
  /** Bytes of the doublewords that contain what was asked for. */
  readonly hwLength: number;
  /** `HW_BRK_TYPE_*` bits. */
  readonly type: number;
}
