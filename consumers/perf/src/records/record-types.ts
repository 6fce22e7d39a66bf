/** Types of records (include/uapi/linux/perf_event.h, enum perf_event_type). */
export const PERF_RECORD_MMAP = 1;
export const PERF_RECORD_LOST = 2;
export const PERF_RECORD_COMM = 3;
export const PERF_RECORD_EXIT = 4;
export const PERF_RECORD_THROTTLE = 5;
export const PERF_RECORD_UNTHROTTLE = 6;
export const PERF_RECORD_FORK = 7;
export const PERF_RECORD_READ = 8;
export const PERF_RECORD_SAMPLE = 9;
export const PERF_RECORD_MMAP2 = 10;
export const PERF_RECORD_LOST_SAMPLES = 13;
export const PERF_RECORD_SWITCH = 14;
export const PERF_RECORD_SWITCH_CPU_WIDE = 15;
/** The first of the perf tool's own types, which are in files only. They have no trailer, and any size. */
export const PERF_RECORD_USER_TYPE_START = 64;
/** In what was written to a pipe: an event, with its ids. */
export const PERF_RECORD_HEADER_ATTR = 64;
/** In what was written to a pipe: the formats of tracepoints, which lie behind it and are not part of it. */
export const PERF_RECORD_HEADER_TRACING_DATA = 66;
/** The end of a round of reading all rings. */
export const PERF_RECORD_FINISHED_ROUND = 68;
/** A piece of AUX data, which lies behind it and is not part of it. */
export const PERF_RECORD_AUXTRACE = 71;
/** In what was written to a pipe: a feature, with its number. */
export const PERF_RECORD_HEADER_FEATURE = 80;
/** A piece of a stream of compressed records. */
export const PERF_RECORD_COMPRESSED = 81;
/** The same, with its size in front and padding behind. */
export const PERF_RECORD_COMPRESSED2 = 83;

/** Bits of `misc` in a record's header: the mode of the CPU, in the low three bits. */
export const PERF_RECORD_MISC_CPUMODE_MASK = 7;
export const PERF_RECORD_MISC_CPUMODE_UNKNOWN = 0;
export const PERF_RECORD_MISC_KERNEL = 1;
export const PERF_RECORD_MISC_USER = 2;
export const PERF_RECORD_MISC_HYPERVISOR = 3;
export const PERF_RECORD_MISC_GUEST_KERNEL = 4;
export const PERF_RECORD_MISC_GUEST_USER = 5;
/** Of MMAP and MMAP2: a mapping of data, not of code. */
export const PERF_RECORD_MISC_MMAP_DATA = 0x2000;
/** Of COMM: the name comes from exec. */
export const PERF_RECORD_MISC_COMM_EXEC = 0x2000;
/** Of SWITCH: away from the task, not to it. */
export const PERF_RECORD_MISC_SWITCH_OUT = 0x2000;
/** Of SAMPLE: the instruction pointer is the instruction that caused it. */
export const PERF_RECORD_MISC_EXACT_IP = 0x4000;
/** Of SWITCH: the task was preempted, and still wants to run. */
export const PERF_RECORD_MISC_SWITCH_OUT_PREEMPT = 0x4000;
/** Of MMAP2: a build id stands where device and inode are. */
export const PERF_RECORD_MISC_MMAP_BUILD_ID = 0x4000;
