import type { Mode, RangeBreakpoint } from '@hwbp/core';

/** A validated request in the terms of the registers (Linux: struct arch_hw_breakpoint). */
export interface Arm64Breakpoint extends RangeBreakpoint {
  /** What DBGBVR or DBGWVR holds: a multiple of 4 or 8. */
  readonly base: bigint;
  /** BAS, from bit 0: of an execute breakpoint at an odd address it has more bits than the register takes. */
  readonly bas: number;
  /** `TYPE_*`: LSC of a watchpoint, 0 of a breakpoint. */
  readonly type: number;
  /** `PRIVILEGE_EL0`, `PRIVILEGE_EL1`, or both: as Linux has it where it lies, and not who is excluded. */
  readonly privilege: number;
  /** Hits in these modes are dropped, although the registers may match there (exclude_user, exclude_kernel). */
  readonly excluded: readonly Mode[];
}
