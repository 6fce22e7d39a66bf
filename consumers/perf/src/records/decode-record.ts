import type { KernelError } from '@hwbp/core';
import { ByteReader } from '../bytes/byte-reader.js';
import { perfError } from '../errors.js';
import { BUILD_ID_SIZE } from './encode-record.js';
import type { Mmap2Record, PerfRecord } from './perf-record.js';
import { readReadValues } from './read-values.js';
import type { RecordFormat } from './record-format.js';
import {
  PERF_RECORD_COMM,
  PERF_RECORD_EXIT,
  PERF_RECORD_FINISHED_ROUND,
  PERF_RECORD_FORK,
  PERF_RECORD_LOST,
  PERF_RECORD_LOST_SAMPLES,
  PERF_RECORD_MISC_MMAP_BUILD_ID,
  PERF_RECORD_MMAP,
  PERF_RECORD_MMAP2,
  PERF_RECORD_READ,
  PERF_RECORD_SAMPLE,
  PERF_RECORD_SWITCH,
  PERF_RECORD_SWITCH_CPU_WIDE,
  PERF_RECORD_THROTTLE,
  PERF_RECORD_UNTHROTTLE,
  PERF_RECORD_USER_TYPE_START,
} from './record-types.js';
import { readSample } from './sample.js';
import { readSampleId, type SampleId, sampleIdSize } from './sample-id.js';

/** Bytes of a record's header. */
export const RECORD_HEADER_SIZE = 8;

/** A record's header (struct perf_event_header). */
export interface RecordHeader {
  readonly type: number;
  readonly misc: number;
  /** Bytes of the record, the header included. */
  readonly size: number;
}

function malformed(what: string, offset: number): KernelError {
  return perfError('PERF_RECORD_MALFORMED', `the record at offset ${offset}: ${what}`, { offset });
}

/** Reads the header at an offset. Throws a KernelError EINVAL unless the whole record is there. */
export function decodeHeader(bytes: Uint8Array, offset = 0): RecordHeader {
  if (!Number.isInteger(offset) || offset < 0 || bytes.length - offset < RECORD_HEADER_SIZE) {
    throw malformed(
      `a header has ${RECORD_HEADER_SIZE} bytes, and ${Math.max(0, bytes.length - offset)} are left`,
      offset,
    );
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset + offset, RECORD_HEADER_SIZE);
  const size = view.getUint16(6, true);
  const type = view.getUint32(0, true);
  if (size < RECORD_HEADER_SIZE || (size % 8 !== 0 && type < PERF_RECORD_USER_TYPE_START)) {
    throw malformed(`its size is ${size}, and no multiple of 8 from 8`, offset);
  }
  if (size > bytes.length - offset)
    throw malformed(`it has ${size} bytes, and ${bytes.length - offset} are left`, offset);
  return { type, misc: view.getUint16(4, true), size };
}

function readMapping(reader: ByteReader): Pick<Mmap2Record, 'pid' | 'tid' | 'addr' | 'len' | 'pgoff'> {
  const pid = reader.u32('pid');
  const tid = reader.u32('tid');
  const addr = reader.u64('addr');
  const len = reader.u64('len');
  return { pid, tid, addr, len, pgoff: reader.u64('pgoff') };
}

function readFileIdentity(reader: ByteReader, misc: number, bad: (what: string) => KernelError): Partial<Mmap2Record> {
  if (misc & PERF_RECORD_MISC_MMAP_BUILD_ID) {
    const size = reader.u32('build_id.length') & 0xff;
    const bytes = reader.raw('build_id', BUILD_ID_SIZE);
    if (size < 1 || size > BUILD_ID_SIZE) throw bad(`its build id has ${size} bytes, not 1 to ${BUILD_ID_SIZE}`);
    return { build_id: bytes.slice(0, size) };
  }
  const maj = reader.u32('maj');
  const min = reader.u32('min');
  return { maj, min, ino: reader.u64('ino'), ino_generation: reader.u64('ino_generation') };
}

/** Reads the body of a record that is no sample. */
function readBody(
  type: number,
  misc: number,
  reader: ByteReader,
  format: RecordFormat,
  bad: (what: string) => KernelError,
): PerfRecord | undefined {
  switch (type) {
    case PERF_RECORD_MMAP:
      return { type, misc, ...readMapping(reader), filename: reader.text('filename', reader.left) };
    case PERF_RECORD_MMAP2: {
      const mapping = { ...readMapping(reader), ...readFileIdentity(reader, misc, bad) };
      const prot = reader.u32('prot');
      const flags = reader.u32('flags');
      return { type, misc, ...mapping, prot, flags, filename: reader.text('filename', reader.left) };
    }
    case PERF_RECORD_COMM: {
      const pid = reader.u32('pid');
      const tid = reader.u32('tid');
      return { type, misc, pid, tid, comm: reader.text('comm', reader.left) };
    }
    case PERF_RECORD_FORK:
    case PERF_RECORD_EXIT: {
      const pid = reader.u32('pid');
      const ppid = reader.u32('ppid');
      const tid = reader.u32('tid');
      const ptid = reader.u32('ptid');
      return { type, misc, pid, ppid, tid, ptid, time: reader.u64('time') };
    }
    case PERF_RECORD_LOST: {
      const id = reader.u64('id');
      return { type, misc, id, lost: reader.u64('lost') };
    }
    case PERF_RECORD_LOST_SAMPLES:
      return { type, misc, lost: reader.u64('lost') };
    case PERF_RECORD_THROTTLE:
    case PERF_RECORD_UNTHROTTLE: {
      const time = reader.u64('time');
      const id = reader.u64('id');
      return { type, misc, time, id, stream_id: reader.u64('stream_id') };
    }
    case PERF_RECORD_READ: {
      const pid = reader.u32('pid');
      const tid = reader.u32('tid');
      return { type, misc, pid, tid, values: readReadValues(reader, format.read_format ?? 0) };
    }
    case PERF_RECORD_SWITCH:
      return { type, misc };
    case PERF_RECORD_SWITCH_CPU_WIDE: {
      const next_prev_pid = reader.u32('next_prev_pid');
      return { type, misc, next_prev_pid, next_prev_tid: reader.u32('next_prev_tid') };
    }
    default:
      return undefined;
  }
}

/** A decoded record, and how many bytes it took. */
export interface DecodedRecord {
  readonly record: PerfRecord;
  readonly size: number;
}

/**
 * Reads the record at an offset, of an event with `format` (its attr). A type that is not known comes back as it is
 * (`type: 'other'`). Throws a KernelError EINVAL for bytes that are no record (`details.offset`).
 */
export function decodeRecord(bytes: Uint8Array, format: RecordFormat, offset = 0): DecodedRecord {
  const { type, misc, size } = decodeHeader(bytes, offset);
  const bad = (what: string): KernelError => malformed(what, offset);
  const body = bytes.subarray(offset + RECORD_HEADER_SIZE, offset + size);
  const { sample_type = 0, sample_id_all = false } = format;
  if (type === PERF_RECORD_SAMPLE) {
    const reader = new ByteReader(body, bad);
    const sample = readSample(reader, format);
    if (reader.left > 0) throw bad(`a sample of this sample_type ends ${reader.left} bytes earlier`);
    return { record: { type, misc, ...sample }, size };
  }
  if (type === PERF_RECORD_FINISHED_ROUND) return { record: { type, misc }, size };
  const trailer = sample_id_all ? sampleIdSize(sample_type) : 0;
  const reader = new ByteReader(body.subarray(0, Math.max(0, body.length - trailer)), bad);
  const record = readBody(type, misc, reader, format, bad);
  if (record === undefined) return { record: { type: 'other', number: type, misc, payload: body.slice() }, size };
  if (reader.left > 0) throw bad(`a record of type ${type} ends ${reader.left} bytes earlier`);
  if (!sample_id_all) return { record, size };
  const sample_id: SampleId = readSampleId(new ByteReader(body.subarray(reader.at), bad), sample_type);
  return { record: { ...record, sample_id } as PerfRecord, size };
}
