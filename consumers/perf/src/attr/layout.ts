/** Published sizes of perf_event_attr, in bytes: each version added the fields behind the one before. */
export const PERF_ATTR_SIZE_VER0 = 64;
/** Adds `bp_len` (config2). */
export const PERF_ATTR_SIZE_VER1 = 72;
/** Adds `branch_sample_type`. */
export const PERF_ATTR_SIZE_VER2 = 80;
/** Adds `sample_regs_user`, `sample_stack_user` and `clockid`. */
export const PERF_ATTR_SIZE_VER3 = 96;
/** Adds `sample_regs_intr`. */
export const PERF_ATTR_SIZE_VER4 = 104;
/** Adds `aux_watermark` and `sample_max_stack`. */
export const PERF_ATTR_SIZE_VER5 = 112;
/** Adds `aux_sample_size`. */
export const PERF_ATTR_SIZE_VER6 = 120;
/** Adds `sig_data`. */
export const PERF_ATTR_SIZE_VER7 = 128;
/** Adds `config3`. */
export const PERF_ATTR_SIZE_VER8 = 136;

/** All of them, ascending. */
export const PERF_ATTR_SIZES: readonly number[] = Object.freeze([
  PERF_ATTR_SIZE_VER0,
  PERF_ATTR_SIZE_VER1,
  PERF_ATTR_SIZE_VER2,
  PERF_ATTR_SIZE_VER3,
  PERF_ATTR_SIZE_VER4,
  PERF_ATTR_SIZE_VER5,
  PERF_ATTR_SIZE_VER6,
  PERF_ATTR_SIZE_VER7,
  PERF_ATTR_SIZE_VER8,
]);

/** A field of the structure: where it lies and what it is. */
export interface AttrField {
  readonly offset: number;
  /** Bytes. */
  readonly width: 2 | 4 | 8;
  readonly signed?: true;
}

const field = (offset: number, width: AttrField['width']): AttrField => Object.freeze({ offset, width });

/**
 * Every field but the flags, by the name of the storage (include/uapi/linux/perf_event.h). `sample_period`, `wakeup`,
 * `bp_addr` and `bp_len` are unions there.
 */
export const ATTR_LAYOUT = Object.freeze({
  type: field(0, 4),
  size: field(4, 4),
  config: field(8, 8),
  sample_period: field(16, 8),
  sample_type: field(24, 8),
  read_format: field(32, 8),
  flags: field(40, 8),
  wakeup: field(48, 4),
  bp_type: field(52, 4),
  bp_addr: field(56, 8),
  bp_len: field(64, 8),
  branch_sample_type: field(72, 8),
  sample_regs_user: field(80, 8),
  sample_stack_user: field(88, 4),
  clockid: Object.freeze({ offset: 92, width: 4, signed: true }),
  sample_regs_intr: field(96, 8),
  aux_watermark: field(104, 4),
  sample_max_stack: field(108, 2),
  reserved_2: field(110, 2),
  aux_sample_size: field(112, 4),
  reserved_3: field(116, 4),
  sig_data: field(120, 8),
  config3: field(128, 8),
} as const satisfies Record<string, AttrField>);

/** The name of a field's storage. */
export type AttrFieldName = keyof typeof ATTR_LAYOUT;
