import { coreError, HW_BREAKPOINT_R, HW_BREAKPOINT_RW, HW_BREAKPOINT_W, HW_BREAKPOINT_X } from '@hwbp/core';
import { controlFields, TYPE_EXECUTE, TYPE_LOAD, TYPE_STORE } from '../silicon/control.js';

/** The two register sets of a task: NT_ARM_HW_WATCH and NT_ARM_HW_BREAK. */
export type SetKind = 'watch' | 'break';

/** What a control word of a register set asks for. */
export interface ControlRequest {
  readonly bp_type: number;
  /** Bytes, 1 to 8. */
  readonly bp_len: number;
  /** Bytes from the address to the first that is watched. */
  readonly offset: number;
}

const BP_TYPES: Readonly<Record<number, number>> = {
  [TYPE_EXECUTE]: HW_BREAKPOINT_X,
  [TYPE_LOAD]: HW_BREAKPOINT_R,
  [TYPE_STORE]: HW_BREAKPOINT_W,
  [TYPE_LOAD | TYPE_STORE]: HW_BREAKPOINT_RW,
};

const invalid = (control: number, why: string): Error =>
  coreError('HWBP_ARCH_INVALID', `control word 0x${control.toString(16)}: ${why}`, { control });

/**
 * What an enabled control word asks for (Linux: arch_bp_generic_fields, ptrace_hbp_fill_attr_ctrl). EINVAL for a BAS
 * that is empty or has a gap, and for a type that the set does not have. Privilege and bits 13 and up do not matter.
 */
export function requestOf(kind: SetKind, control: number): ControlRequest {
  const { type, bas } = controlFields(control);
  if (bas === 0) throw invalid(control, 'BAS (bits 5 to 12) is empty, so no byte is watched');
  const offset = 31 - Math.clz32(bas & -bas);
  const bytes = bas >>> offset;
  if ((bytes & (bytes + 1)) !== 0) throw invalid(control, 'the bits of BAS (5 to 12) have a gap');
  if (kind === 'break' && type !== TYPE_EXECUTE) throw invalid(control, 'the type (bits 3 and 4) of a breakpoint is 0');
  if (kind === 'watch' && type === TYPE_EXECUTE) {
    throw invalid(control, 'the type (bits 3 and 4) of a watchpoint is 1 for loads, 2 for stores or 3 for both');
  }
  return { bp_type: BP_TYPES[type] as number, bp_len: 32 - Math.clz32(bytes), offset };
}
