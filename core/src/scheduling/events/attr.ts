/** `type` of perf_event_attr (include/uapi/linux/perf_event.h): the PMUs that every kernel has. */
export const EVENT_TYPE = Object.freeze({ HARDWARE: 0, SOFTWARE: 1, BREAKPOINT: 5 });

/** The bit of `sample_type` that makes every occurrence overflow, whatever the period is. */
export const SAMPLE_PERIOD_BIT = 0x100;

/**
 * What an event counts and how it is scheduled: the fields of perf_event_attr that the engine itself understands, under
 * their own names. A PMU may take more from the object that is passed to `open`.
 */
export interface EventAttr {
  /** The PMU: see {@link EVENT_TYPE}; PMUs that are injected have numbers of their own. */
  readonly type: number;
  /** What to count, in the PMU's own numbering. Default 0. */
  readonly config?: number | bigint;
  /** Opened, but it does not count until it is enabled. */
  readonly disabled?: boolean;
  /** Children of the task get an event of their own, whose counts are added. */
  readonly inherit?: boolean;
  /** Only threads of the same process inherit. */
  readonly inherit_thread?: boolean;
  /** Always on its CPU while its context is, or else in error. Only for group leaders. */
  readonly pinned?: boolean;
  /** Its group is alone with its PMU. Only for group leaders, and only of hardware PMUs. */
  readonly exclusive?: boolean;
  readonly exclude_user?: boolean;
  readonly exclude_kernel?: boolean;
  readonly exclude_hv?: boolean;
  /** The task's next exec enables it. */
  readonly enable_on_exec?: boolean;
  /** The task's next exec ends it. */
  readonly remove_on_exec?: boolean;
  /** An overflow sends the task SIGTRAP (TRAP_PERF) before it returns to user mode. */
  readonly sigtrap?: boolean;
  /** What that signal carries. */
  readonly sig_data?: bigint;
  /** Overflow every N occurrences; 0 or absent: count only. With {@link freq}: overflows a second. */
  readonly sample_period?: number | bigint;
  /** {@link sample_period} is a frequency: the period adapts itself. */
  readonly freq?: boolean;
  /** Only bit 8 (PERIOD) concerns the engine. */
  readonly sample_type?: number | bigint;
}
