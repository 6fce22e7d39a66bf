import {
  type Access,
  accessTouches,
  CONDITION_READ,
  CONDITION_WRITE,
  type DecodedInstruction,
  type Mode,
} from '@hwbp/core';
import { HW_BRK_TYPE_KERNEL, HW_BRK_TYPE_USER } from './brk-type.js';
import type { Ppc64Breakpoint } from './ppc64-breakpoint.js';

/**
 * What an instruction is to a breakpoint. `hit`: it touches bytes that were asked for. `extraneous`: only others of the
 * doublewords that the register watches. `miss`: the breakpoint did not ask for such an access, or the instruction
 * comes nowhere near.
 */
export type Match = 'hit' | 'extraneous' | 'miss';

const QUADWORD = 16;

function matchAccess(info: Ppc64Breakpoint, access: Access, isa: number): Match {
  if (accessTouches(access, info)) return 'hit';
  // Before ISA 3.1 quadwords are compared in blocks of their own size.
  return accessTouches(access, info, access.size === QUADWORD && isa < 3.1 ? 16 : 8) ? 'extraneous' : 'miss';
}

/** True if a breakpoint asked for what happens in this mode. */
export function wantsMode({ type }: Ppc64Breakpoint, mode: Mode): boolean {
  return (type & (mode === 'user' ? HW_BRK_TYPE_USER : HW_BRK_TYPE_KERNEL)) !== 0;
}

/**
 * What the interrupted instruction, decoded, is to a breakpoint (Linux: wp_check_constraints). The mode is not judged.
 */
export function matchInstruction(info: Ppc64Breakpoint, { accesses = [] }: DecodedInstruction, isa: number): Match {
  let best: Match = 'miss';
  for (const access of accesses) {
    const match = matchAccess(info, access, isa);
    if (match === 'hit') return match;
    if (match === 'extraneous') best = match;
  }
  return best;
}

/** The same breakpoint for loads and stores: what its register may match although it does not want it. */
export function ofAnyKind(info: Ppc64Breakpoint): Ppc64Breakpoint {
  return { ...info, conditions: CONDITION_READ | CONDITION_WRITE };
}
