import { HW_BREAKPOINT_R, HW_BREAKPOINT_RW, HW_BREAKPOINT_W, HW_BREAKPOINT_X } from '@hwbp/core';

/**
 * Types of hardware points: what they watch, in letters and as `bp_type`, how a stop names them, and what to say where
 * there are none.
 */
export const POINT_KINDS = {
  1: {
    access: 'x',
    bp_type: HW_BREAKPOINT_X,
    stop: 'hwbreak',
    lacking: 'watches execution; use break, which needs none',
  },
  2: { access: 'w', bp_type: HW_BREAKPOINT_W, stop: 'watch', lacking: 'watches writes' },
  3: { access: 'r', bp_type: HW_BREAKPOINT_R, stop: 'rwatch', lacking: 'watches reads alone; use awatch' },
  4: { access: 'rw', bp_type: HW_BREAKPOINT_RW, stop: 'awatch', lacking: 'watches reads and writes' },
} as const;

/** A type of hardware points. */
export type PointKind = (typeof POINT_KINDS)[keyof typeof POINT_KINDS];
