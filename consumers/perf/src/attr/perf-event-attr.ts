import type { AttrFlags } from './flags.js';

/** An unsigned 64-bit field: a number where that is exact, else a bigint. */
export type U64 = number | bigint;

/**
 * perf_event_attr (include/uapi/linux/perf_event.h): what an event counts and what it records. Every field has the
 * structure's own name and is zero (false) unless given. Fields that share storage there: `sample_freq` is
 * `sample_period` with the flag `freq`, `wakeup_watermark` is `wakeup_events` with the flag `watermark`, `config1` and
 * `config2` are `bp_addr` and `bp_len` for every `type` but PERF_TYPE_BREAKPOINT.
 */
export interface PerfEventAttr extends AttrFlags {
  /** PERF_TYPE_*; 32 bits. */
  readonly type: number;
  /** Bytes of the structure that the caller knows: 64 to 136. Default: PERF_ATTR_SIZE_VER7, 128. */
  readonly size?: number;
  /** What of `type` is counted: PERF_COUNT_SW_*. Breakpoints ignore it. */
  readonly config?: U64;
  /** A sample after every so many occurrences; 0 counts only. */
  readonly sample_period?: U64;
  /** With `freq`: samples a second that the kernel tries to reach by itself. */
  readonly sample_freq?: U64;
  /** The fields of a sample: a bit set of PERF_SAMPLE_*. */
  readonly sample_type?: number;
  /** What read(2) gives: a bit set of PERF_FORMAT_*. */
  readonly read_format?: number;
  /** How precise the instruction pointer is to be: 0 to 3. */
  readonly precise_ip?: number;
  /** Wake the reader after every so many samples; 32 bits. */
  readonly wakeup_events?: number;
  /** With `watermark`: wake the reader when so many bytes lie in the ring; 32 bits. */
  readonly wakeup_watermark?: number;
  /** Bit set of HW_BREAKPOINT_R, _W and _X; 32 bits. */
  readonly bp_type?: number;
  /** First byte watched. */
  readonly bp_addr?: bigint;
  /** Bytes watched. */
  readonly bp_len?: U64;
  readonly config1?: U64;
  readonly config2?: U64;
  readonly branch_sample_type?: U64;
  readonly sample_regs_user?: U64;
  readonly sample_stack_user?: number;
  /** With `use_clockid`: which clock gives PERF_SAMPLE_TIME; 32 bits, signed. */
  readonly clockid?: number;
  readonly sample_regs_intr?: U64;
  readonly aux_watermark?: number;
  /** Entries of a call chain at most; 16 bits. */
  readonly sample_max_stack?: number;
  readonly aux_sample_size?: number;
  /** With `sigtrap`: handed to the signal handler in `si_perf_data`. */
  readonly sig_data?: bigint;
  readonly config3?: U64;
}
