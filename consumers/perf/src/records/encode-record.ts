import { ByteWriter } from '../bytes/byte-writer.js';
import { perfError } from '../errors.js';
import type { Mmap2Record, PerfRecord } from './perf-record.js';
import { writeReadValues } from './read-values.js';
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
import { writeSample } from './sample.js';
import { writeSampleId } from './sample-id.js';

/** Bytes of a build id in MMAP2. */
export const BUILD_ID_SIZE = 20;
/** A record's length has 16 bits, and is a multiple of 8. */
const MOST_BYTES = 0xfff8;

function writeFileIdentity(writer: ByteWriter, record: Mmap2Record): void {
  if (record.misc & PERF_RECORD_MISC_MMAP_BUILD_ID) {
    const { build_id = new Uint8Array(0) } = record;
    if (build_id.length < 1 || build_id.length > BUILD_ID_SIZE) {
      throw new TypeError(`a build id has 1 to ${BUILD_ID_SIZE} bytes, got ${build_id.length}`);
    }
    writer.u32('build_id.length', build_id.length);
    writer.raw(build_id);
    writer.zeros(BUILD_ID_SIZE - build_id.length);
    return;
  }
  writer.u32('maj', record.maj ?? 0);
  writer.u32('min', record.min ?? 0);
  writer.u64('ino', record.ino ?? 0n);
  writer.u64('ino_generation', record.ino_generation ?? 0n);
}

function writeBody(writer: ByteWriter, record: PerfRecord, format: RecordFormat): void {
  switch (record.type) {
    case PERF_RECORD_SAMPLE:
      writeSample(writer, record, format);
      return;
    case PERF_RECORD_MMAP:
    case PERF_RECORD_MMAP2:
      writer.u32('pid', record.pid);
      writer.u32('tid', record.tid);
      writer.u64('addr', record.addr);
      writer.u64('len', record.len);
      writer.u64('pgoff', record.pgoff);
      if (record.type === PERF_RECORD_MMAP2) {
        writeFileIdentity(writer, record);
        writer.u32('prot', record.prot);
        writer.u32('flags', record.flags);
      }
      writer.text('filename', record.filename, 8);
      return;
    case PERF_RECORD_COMM:
      writer.u32('pid', record.pid);
      writer.u32('tid', record.tid);
      writer.text('comm', record.comm, 8);
      return;
    case PERF_RECORD_FORK:
    case PERF_RECORD_EXIT:
      writer.u32('pid', record.pid);
      writer.u32('ppid', record.ppid);
      writer.u32('tid', record.tid);
      writer.u32('ptid', record.ptid);
      writer.u64('time', record.time);
      return;
    case PERF_RECORD_LOST:
      writer.u64('id', record.id);
      writer.u64('lost', record.lost);
      return;
    case PERF_RECORD_LOST_SAMPLES:
      writer.u64('lost', record.lost);
      return;
    case PERF_RECORD_THROTTLE:
    case PERF_RECORD_UNTHROTTLE:
      writer.u64('time', record.time);
      writer.u64('id', record.id);
      writer.u64('stream_id', record.stream_id);
      return;
    case PERF_RECORD_READ:
      writer.u32('pid', record.pid);
      writer.u32('tid', record.tid);
      writeReadValues(writer, record.values, format.read_format ?? 0);
      return;
    case PERF_RECORD_SWITCH:
    case PERF_RECORD_FINISHED_ROUND:
      return;
    case PERF_RECORD_SWITCH_CPU_WIDE:
      writer.u32('next_prev_pid', record.next_prev_pid);
      writer.u32('next_prev_tid', record.next_prev_tid);
      return;
    case 'other':
      writer.raw(record.payload);
  }
}

/** True if records of this type end with the identifying fields of a sample. */
function hasTrailer(record: PerfRecord): record is Extract<PerfRecord, { type: typeof PERF_RECORD_COMM }> {
  return record.type !== PERF_RECORD_SAMPLE && record.type !== PERF_RECORD_FINISHED_ROUND && record.type !== 'other';
}

/**
 * Appends a record to `writer`, as an event with `format` (its attr) has it. Throws a TypeError for a value that its
 * field cannot hold; a KernelError E2BIG for more than 65,528 bytes. After an error `writer` is as it was.
 */
export function writeRecord(writer: ByteWriter, record: PerfRecord, format: RecordFormat): void {
  const start = writer.length;
  try {
    writer.u32('type', record.type === 'other' ? record.number : record.type);
    writer.u16('misc', record.misc);
    writer.u16('size', 0);
    writeBody(writer, record, format);
    if (hasTrailer(record) && format.sample_id_all === true) {
      writeSampleId(writer, record.sample_id ?? {}, format.sample_type ?? 0);
    }
    const size = writer.length - start;
    const aligned = size % 8 === 0 || (record.type === 'other' && record.number >= PERF_RECORD_USER_TYPE_START);
    if (!aligned) throw new TypeError(`a record is a multiple of 8 bytes, and this one has ${size}`);
    if (size > MOST_BYTES) {
      throw perfError('PERF_RECORD_TOO_BIG', `a record has at most ${MOST_BYTES} bytes, and this one has ${size}`, {
        size,
      });
    }
    writer.patchU16(start + 6, size);
  } catch (error) {
    writer.length = start;
    throw error;
  }
}

const scratch = new ByteWriter();

/** A record as bytes; see {@link writeRecord}. */
export function encodeRecord(record: PerfRecord, format: RecordFormat): Uint8Array {
  scratch.clear();
  writeRecord(scratch, record, format);
  return scratch.written.slice();
}
