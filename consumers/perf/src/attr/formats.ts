/** `perf_event_attr.sample_type`: the fields of a sample (enum perf_event_sample_format); bits of one 32-bit number. */
export const PERF_SAMPLE_IP = 0x1;
export const PERF_SAMPLE_TID = 0x2;
export const PERF_SAMPLE_TIME = 0x4;
export const PERF_SAMPLE_ADDR = 0x8;
export const PERF_SAMPLE_READ = 0x10;
export const PERF_SAMPLE_CALLCHAIN = 0x20;
export const PERF_SAMPLE_ID = 0x40;
export const PERF_SAMPLE_CPU = 0x80;
export const PERF_SAMPLE_PERIOD = 0x100;
export const PERF_SAMPLE_STREAM_ID = 0x200;
export const PERF_SAMPLE_RAW = 0x400;
export const PERF_SAMPLE_BRANCH_STACK = 0x800;
export const PERF_SAMPLE_REGS_USER = 0x1000;
export const PERF_SAMPLE_STACK_USER = 0x2000;
export const PERF_SAMPLE_WEIGHT = 0x4000;
export const PERF_SAMPLE_DATA_SRC = 0x8000;
export const PERF_SAMPLE_IDENTIFIER = 0x1_0000;
export const PERF_SAMPLE_TRANSACTION = 0x2_0000;
export const PERF_SAMPLE_REGS_INTR = 0x4_0000;
export const PERF_SAMPLE_PHYS_ADDR = 0x8_0000;
export const PERF_SAMPLE_AUX = 0x10_0000;
export const PERF_SAMPLE_CGROUP = 0x20_0000;
export const PERF_SAMPLE_DATA_PAGE_SIZE = 0x40_0000;
export const PERF_SAMPLE_CODE_PAGE_SIZE = 0x80_0000;
export const PERF_SAMPLE_WEIGHT_STRUCT = 0x100_0000;
/** The first bit without a meaning. */
export const PERF_SAMPLE_MAX = 0x200_0000;

/** `perf_event_attr.read_format`: what read(2) gives besides the value (enum perf_event_read_format). */
export const PERF_FORMAT_TOTAL_TIME_ENABLED = 0x1;
export const PERF_FORMAT_TOTAL_TIME_RUNNING = 0x2;
export const PERF_FORMAT_ID = 0x4;
export const PERF_FORMAT_GROUP = 0x8;
export const PERF_FORMAT_LOST = 0x10;
/** The first bit without a meaning. */
export const PERF_FORMAT_MAX = 0x20;
