import { HW_BREAKPOINT_R, HW_BREAKPOINT_RW, HW_BREAKPOINT_W } from '@hwbp/core';

/** What a watched symbol is watched for. */
export type AccessType = 'r' | 'w' | 'rw';

/** All of them. */
export const ACCESS_TYPES: readonly AccessType[] = Object.freeze(['r', 'w', 'rw']);

/** `bp_type` of each type. */
export const BP_TYPES: Readonly<Record<AccessType, number>> = Object.freeze({
  r: HW_BREAKPOINT_R,
  w: HW_BREAKPOINT_W,
  rw: HW_BREAKPOINT_RW,
});

/** The ops of each type, as the filter reads and prints them. */
export const OPS: Readonly<Record<AccessType, string>> = Object.freeze({ r: 'r--', w: '-w-', rw: 'rw-' });
