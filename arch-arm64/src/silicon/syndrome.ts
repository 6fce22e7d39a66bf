import type { Mode } from '@hwbp/core';

/** EC of ESR_EL1: each of them one more where the exception comes from EL1 itself (Arm ARM, ESR_EL1). */
export const EC_BREAKPOINT = 0x30;
export const EC_STEP = 0x32;
export const EC_WATCHPOINT = 0x34;

const EC_SHIFT = 26;
/** IL: the instruction has 32 bits. */
const IL = 1 << 25;
/** IFSC and DFSC: a debug exception. */
const DEBUG_FAULT = 0b100010;
/** WnR of a watchpoint: the access was a store. */
export const ISS_WNR = 1 << 6;

/** ESR_EL1 of a debug exception, 32 bits. */
export function syndrome(ec: number, mode: Mode, iss = 0): number {
  const from = mode === 'user' ? ec : ec + 1;
  return ((from << EC_SHIFT) | IL | iss | DEBUG_FAULT) >>> 0;
}
