import {
  PERF_FORMAT_GROUP,
  PERF_FORMAT_ID,
  PERF_FORMAT_LOST,
  PERF_FORMAT_TOTAL_TIME_ENABLED,
  PERF_FORMAT_TOTAL_TIME_RUNNING,
} from '../attr/formats.js';
import type { ByteReader } from '../bytes/byte-reader.js';
import type { ByteWriter } from '../bytes/byte-writer.js';

/** One event's count; `id` with PERF_FORMAT_ID, `lost` (samples) with PERF_FORMAT_LOST. */
export interface ReadValue {
  readonly value: bigint;
  readonly id?: bigint;
  readonly lost?: bigint;
}

/** Nanoseconds: with PERF_FORMAT_TOTAL_TIME_ENABLED and PERF_FORMAT_TOTAL_TIME_RUNNING. */
export interface ReadTimes {
  readonly time_enabled?: bigint;
  readonly time_running?: bigint;
}

/** What read(2) gives, as `read_format` says: one event, or with PERF_FORMAT_GROUP the leader and its siblings. */
export type ReadValues = (ReadValue & ReadTimes) | (ReadTimes & { readonly values: readonly ReadValue[] });

function writeValue(writer: ByteWriter, { id = 0n, lost = 0n }: ReadValue, read_format: number): void {
  if (read_format & PERF_FORMAT_ID) writer.u64('id', id);
  if (read_format & PERF_FORMAT_LOST) writer.u64('lost', lost);
}

function writeTimes(
  writer: ByteWriter,
  { time_enabled = 0n, time_running = 0n }: ReadTimes,
  read_format: number,
): void {
  if (read_format & PERF_FORMAT_TOTAL_TIME_ENABLED) writer.u64('time_enabled', time_enabled);
  if (read_format & PERF_FORMAT_TOTAL_TIME_RUNNING) writer.u64('time_running', time_running);
}

/** Appends them. Throws a TypeError if `values` is there without PERF_FORMAT_GROUP, or is not there with it. */
export function writeReadValues(writer: ByteWriter, read: ReadValues, read_format: number): void {
  const group = (read_format & PERF_FORMAT_GROUP) !== 0;
  if ('values' in read !== group) {
    throw new TypeError(group ? 'PERF_FORMAT_GROUP wants values' : 'values need PERF_FORMAT_GROUP in read_format');
  }
  if ('values' in read) {
    writer.u64('nr', read.values.length);
    writeTimes(writer, read, read_format);
    for (const value of read.values) {
      writer.u64('value', value.value);
      writeValue(writer, value, read_format);
    }
    return;
  }
  writer.u64('value', read.value);
  writeTimes(writer, read, read_format);
  writeValue(writer, read, read_format);
}

function readTimes(reader: ByteReader, read_format: number): ReadTimes {
  return {
    ...(read_format & PERF_FORMAT_TOTAL_TIME_ENABLED ? { time_enabled: reader.u64('time_enabled') } : {}),
    ...(read_format & PERF_FORMAT_TOTAL_TIME_RUNNING ? { time_running: reader.u64('time_running') } : {}),
  };
}

function readValue(reader: ByteReader, read_format: number): Omit<ReadValue, 'value'> {
  return {
    ...(read_format & PERF_FORMAT_ID ? { id: reader.u64('id') } : {}),
    ...(read_format & PERF_FORMAT_LOST ? { lost: reader.u64('lost') } : {}),
  };
}

/** Takes them from the front. */
export function readReadValues(reader: ByteReader, read_format: number): ReadValues {
  if (read_format & PERF_FORMAT_GROUP) {
    const nr = reader.count('nr', 8);
    const times = readTimes(reader, read_format);
    const values: ReadValue[] = [];
    for (let i = 0; i < nr; i++) values.push({ value: reader.u64('value'), ...readValue(reader, read_format) });
    return { ...times, values };
  }
  return { value: reader.u64('value'), ...readTimes(reader, read_format), ...readValue(reader, read_format) };
}
