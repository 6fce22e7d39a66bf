import {
  PERF_SAMPLE_ADDR,
  PERF_SAMPLE_CPU,
  PERF_SAMPLE_ID,
  PERF_SAMPLE_IDENTIFIER,
  PERF_SAMPLE_IP,
  PERF_SAMPLE_STREAM_ID,
  PERF_SAMPLE_TID,
  PERF_SAMPLE_TIME,
} from '../attr/formats.js';
import { RECORD_HEADER_SIZE, type RecordHeader } from '../records/decode-record.js';
import type { RecordFormat } from '../records/record-format.js';
import { PERF_RECORD_SAMPLE, PERF_RECORD_USER_TYPE_START } from '../records/record-types.js';
import { sampleIdSize } from '../records/sample-id.js';

const size = (sample_type: number, ...bits: readonly number[]): number =>
  8 * bits.filter((bit) => sample_type & bit).length;

/** True if the record has a sample's identifying fields in it, or behind it. */
function isIdentified({ type }: RecordHeader, { sample_id_all = false }: RecordFormat): boolean {
  return type === PERF_RECORD_SAMPLE || (sample_id_all && type < PERF_RECORD_USER_TYPE_START);
}

/** Offset of the time in a record of this format; `undefined` if it has none. */
export function timeOffset(header: RecordHeader, format: RecordFormat): number | undefined {
  const { sample_type = 0 } = format;
  if ((sample_type & PERF_SAMPLE_TIME) === 0 || !isIdentified(header, format)) return undefined;
  const at =
    header.type === PERF_RECORD_SAMPLE
      ? RECORD_HEADER_SIZE + size(sample_type, PERF_SAMPLE_IDENTIFIER, PERF_SAMPLE_IP, PERF_SAMPLE_TID)
      : header.size - sampleIdSize(sample_type) + size(sample_type, PERF_SAMPLE_TID);
  return at >= RECORD_HEADER_SIZE && at + 8 <= header.size ? at : undefined;
}

/** Offset of the event's id, which events of one file have at the same place; `undefined` if the record has none. */
export function idOffset(header: RecordHeader, format: RecordFormat): number | undefined {
  const { sample_type = 0 } = format;
  if (!isIdentified(header, format)) return undefined;
  const at = idPlace(header, sample_type);
  return at !== undefined && at >= RECORD_HEADER_SIZE && at + 8 <= header.size ? at : undefined;
}

function idPlace({ type, size: end }: RecordHeader, sample_type: number): number | undefined {
  const sample = type === PERF_RECORD_SAMPLE;
  if (sample_type & PERF_SAMPLE_IDENTIFIER) return sample ? RECORD_HEADER_SIZE : end - 8;
  if ((sample_type & PERF_SAMPLE_ID) === 0) return undefined;
  if (!sample) return end - 8 - size(sample_type, PERF_SAMPLE_STREAM_ID, PERF_SAMPLE_CPU);
  return RECORD_HEADER_SIZE + size(sample_type, PERF_SAMPLE_IP, PERF_SAMPLE_TID, PERF_SAMPLE_TIME, PERF_SAMPLE_ADDR);
}
