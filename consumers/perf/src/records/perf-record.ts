import type { ReadValues } from './read-values.js';
import type {
  PERF_RECORD_COMM,
  PERF_RECORD_EXIT,
  PERF_RECORD_FINISHED_ROUND,
  PERF_RECORD_FORK,
  PERF_RECORD_LOST,
  PERF_RECORD_LOST_SAMPLES,
  PERF_RECORD_MMAP,
  PERF_RECORD_MMAP2,
  PERF_RECORD_READ,
  PERF_RECORD_SWITCH,
  PERF_RECORD_SWITCH_CPU_WIDE,
  PERF_RECORD_THROTTLE,
  PERF_RECORD_UNTHROTTLE,
} from './record-types.js';
import type { SampleRecord } from './sample.js';
import type { SampleId } from './sample-id.js';

/** What records that are no samples share. */
interface NoSample {
  /** PERF_RECORD_MISC_*. */
  readonly misc: number;
  /** The trailer, with `sample_id_all`. */
  readonly sample_id?: SampleId;
}

/** A file, or `[vdso]`, `//anon`..., was mapped. */
export interface MmapRecord extends NoSample {
  readonly type: typeof PERF_RECORD_MMAP;
  readonly pid: number;
  readonly tid: number;
  readonly addr: bigint;
  /** Bytes. */
  readonly len: bigint;
  /** Where in the file, in bytes. */
  readonly pgoff: bigint;
  readonly filename: string;
}

/** A file was mapped, and which one exactly, with permissions. */
export interface Mmap2Record extends NoSample {
  readonly type: typeof PERF_RECORD_MMAP2;
  readonly pid: number;
  readonly tid: number;
  readonly addr: bigint;
  readonly len: bigint;
  readonly pgoff: bigint;
  /** Device and inode; absent with PERF_RECORD_MISC_MMAP_BUILD_ID. */
  readonly maj?: number;
  readonly min?: number;
  readonly ino?: bigint;
  readonly ino_generation?: bigint;
  /** With PERF_RECORD_MISC_MMAP_BUILD_ID: 1 to 20 bytes. */
  readonly build_id?: Uint8Array;
  /** PROT_READ 1, PROT_WRITE 2, PROT_EXEC 4. */
  readonly prot: number;
  /** MAP_SHARED 1, MAP_PRIVATE 2. */
  readonly flags: number;
  readonly filename: string;
}

/** A task has a name: given to it, or with PERF_RECORD_MISC_COMM_EXEC by exec. */
export interface CommRecord extends NoSample {
  readonly type: typeof PERF_RECORD_COMM;
  readonly pid: number;
  readonly tid: number;
  readonly comm: string;
}

/** A task began or ended. */
export interface TaskRecord extends NoSample {
  readonly type: typeof PERF_RECORD_FORK | typeof PERF_RECORD_EXIT;
  readonly pid: number;
  /** The parent's. */
  readonly ppid: number;
  readonly tid: number;
  readonly ptid: number;
  /** Nanoseconds. */
  readonly time: bigint;
}

/** Records of an event found no room in the ring. */
export interface LostRecord extends NoSample {
  readonly type: typeof PERF_RECORD_LOST;
  readonly id: bigint;
  readonly lost: bigint;
}

/** Samples were lost before they reached the ring. */
export interface LostSamplesRecord extends NoSample {
  readonly type: typeof PERF_RECORD_LOST_SAMPLES;
  readonly lost: bigint;
}

/** An event is silenced until the next tick, or heard again. */
export interface ThrottleRecord extends NoSample {
  readonly type: typeof PERF_RECORD_THROTTLE | typeof PERF_RECORD_UNTHROTTLE;
  readonly time: bigint;
  readonly id: bigint;
  readonly stream_id: bigint;
}

/** What an inherited event had counted when its task ended. */
export interface ReadRecord extends NoSample {
  readonly type: typeof PERF_RECORD_READ;
  readonly pid: number;
  readonly tid: number;
  readonly values: ReadValues;
}

/** The task of the trailer was switched in, or with PERF_RECORD_MISC_SWITCH_OUT out. */
export interface SwitchRecord extends NoSample {
  readonly type: typeof PERF_RECORD_SWITCH;
}

/** The same, of an event of a CPU: with the other task. */
export interface SwitchCpuWideRecord extends NoSample {
  readonly type: typeof PERF_RECORD_SWITCH_CPU_WIDE;
  readonly next_prev_pid: number;
  readonly next_prev_tid: number;
}

/** In files: all rings were read once. No trailer. */
export interface FinishedRoundRecord {
  readonly type: typeof PERF_RECORD_FINISHED_ROUND;
  readonly misc: number;
}

/** A record of a type that this package does not know, as it was. */
export interface OtherRecord {
  readonly type: 'other';
  /** Its type in the header. */
  readonly number: number;
  readonly misc: number;
  /** What is behind the header. */
  readonly payload: Uint8Array;
}

/** Any record. `type` tells them apart. */
export type PerfRecord =
  | SampleRecord
  | MmapRecord
  | Mmap2Record
  | CommRecord
  | TaskRecord
  | LostRecord
  | LostSamplesRecord
  | ThrottleRecord
  | ReadRecord
  | SwitchRecord
  | SwitchCpuWideRecord
  | FinishedRoundRecord
  | OtherRecord;
