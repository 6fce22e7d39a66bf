import {
  PERF_SAMPLE_CPU,
  PERF_SAMPLE_ID,
  PERF_SAMPLE_IDENTIFIER,
  PERF_SAMPLE_STREAM_ID,
  PERF_SAMPLE_TID,
  PERF_SAMPLE_TIME,
} from '../attr/formats.js';
import type { ByteReader } from '../bytes/byte-reader.js';
import type { ByteWriter } from '../bytes/byte-writer.js';

/**
 * Who, when and where: in every sample, and behind other records with `sample_id_all`; each field only if `sample_type`
 * has it.
 */
export interface SampleId {
  /** Of PERF_SAMPLE_TID. */
  readonly pid?: number;
  readonly tid?: number;
  /** Nanoseconds. */
  readonly time?: bigint;
  /** The event's, of PERF_SAMPLE_ID and PERF_SAMPLE_IDENTIFIER. */
  readonly id?: bigint;
  readonly stream_id?: bigint;
  readonly cpu?: number;
}

/** The fields of {@link SampleId} that are 8 bytes each. */
const FIELDS = [
  PERF_SAMPLE_TID,
  PERF_SAMPLE_TIME,
  PERF_SAMPLE_ID,
  PERF_SAMPLE_STREAM_ID,
  PERF_SAMPLE_CPU,
  PERF_SAMPLE_IDENTIFIER,
] as const;

/** Bytes of the trailer. */
export function sampleIdSize(sample_type: number): number {
  return 8 * FIELDS.filter((bit) => sample_type & bit).length;
}

/** Appends the trailer; what is missing is 0. */
export function writeSampleId(writer: ByteWriter, sample: SampleId, sample_type: number): void {
  const { pid = 0, tid = 0, time = 0n, id = 0n, stream_id = 0n, cpu = 0 } = sample;
  if (sample_type & PERF_SAMPLE_TID) {
    writer.u32('pid', pid);
    writer.u32('tid', tid);
  }
  if (sample_type & PERF_SAMPLE_TIME) writer.u64('time', time);
  if (sample_type & PERF_SAMPLE_ID) writer.u64('id', id);
  if (sample_type & PERF_SAMPLE_STREAM_ID) writer.u64('stream_id', stream_id);
  if (sample_type & PERF_SAMPLE_CPU) {
    writer.u32('cpu', cpu);
    writer.u32('res', 0);
  }
  if (sample_type & PERF_SAMPLE_IDENTIFIER) writer.u64('id', id);
}

/** Takes the trailer from the front. */
export function readSampleId(reader: ByteReader, sample_type: number): SampleId {
  const sample: { -readonly [field in keyof SampleId]: SampleId[field] } = {};
  if (sample_type & PERF_SAMPLE_TID) {
    sample.pid = reader.u32('pid');
    sample.tid = reader.u32('tid');
  }
  if (sample_type & PERF_SAMPLE_TIME) sample.time = reader.u64('time');
  if (sample_type & PERF_SAMPLE_ID) sample.id = reader.u64('id');
  if (sample_type & PERF_SAMPLE_STREAM_ID) sample.stream_id = reader.u64('stream_id');
  if (sample_type & PERF_SAMPLE_CPU) {
    sample.cpu = reader.u32('cpu');
    reader.u32('res');
  }
  if (sample_type & PERF_SAMPLE_IDENTIFIER) sample.id = reader.u64('id');
  return sample;
}
