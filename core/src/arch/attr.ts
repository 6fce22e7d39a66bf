/** `bp_type` of perf_event_attr (include/uapi/linux/hw_breakpoint.h): a bit set. */
export const HW_BREAKPOINT_EMPTY = 0;
export const HW_BREAKPOINT_R = 1;
export const HW_BREAKPOINT_W = 2;
export const HW_BREAKPOINT_RW = 3;
export const HW_BREAKPOINT_X = 4;
export const HW_BREAKPOINT_INVALID = 7;

/** When a breakpoint's handler wants to run: after the access (Linux's promise), or when the silicon reports it. */
export type Delivery = 'after' | 'silicon';

/**
 * What to watch: the fields of perf_event_attr that concern breakpoints, under their own names. The other fields of
 * that structure belong to the scheduler that was composed, which says what it supports.
 */
export interface HwBreakpointAttr {
  /** Bit set of `HW_BREAKPOINT_R`, `_W` and `_X`; exactly what the architecture accepts. */
  readonly bp_type: number;
  /** First byte; 64 bits. */
  readonly bp_addr: bigint;
  /**
   * Bytes; 64 bits, a bigint where a number cannot hold it exactly. For `_X` the size of a long (8 on 64-bit kernels).
   */
  readonly bp_len: number | bigint;
  /** Registered (its slot is taken), but it does not fire until it is enabled. Default false. */
  readonly disabled?: boolean;
  /** Hits in user mode are dropped. Default false. */
  readonly exclude_user?: boolean;
  /** Hits in kernel mode are dropped; kernel addresses are refused. Default false. */
  readonly exclude_kernel?: boolean;
  /** Hits in hypervisor mode are dropped, where the architecture knows it. Default false. */
  readonly exclude_hv?: boolean;
  /** Overflow every N hits; 0 counts only. Default 1. Only event schedulers support anything else. */
  readonly sample_period?: number;
  /** The event is inherited by children. Only event schedulers support it. */
  readonly inherit?: boolean;
  /** Always on its CPU while its context is. Default true, as the kernel's own breakpoints are. */
  readonly pinned?: boolean;
  /** Alone on its CPU. Only event schedulers support it. */
  readonly exclusive?: boolean;
}

/** The letters of a type, as tools write them: `r`, `w`, `rw`, `x`. */
export function typeLetters(bp_type: number): string {
  const letters =
    (bp_type & HW_BREAKPOINT_R ? 'r' : '') +
    (bp_type & HW_BREAKPOINT_W ? 'w' : '') +
    (bp_type & HW_BREAKPOINT_X ? 'x' : '');
  return letters || `type ${bp_type}`;
}
