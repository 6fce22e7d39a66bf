import { decodeAttr } from '../attr/decode-attr.js';
import { ByteReader } from '../bytes/byte-reader.js';
import { decodeHeader, RECORD_HEADER_SIZE } from '../records/decode-record.js';
import { PERF_RECORD_HEADER_ATTR, PERF_RECORD_HEADER_FEATURE } from '../records/record-types.js';
import { dataError } from './data-error.js';
import type { PerfDataEvent } from './data-event.js';
import { hasMagic } from './file-header.js';
import { bytesBehind } from './read-records.js';

/** Bytes of the header of what was written to a pipe: magic and this size. */
const PIPE_HEADER_SIZE = 16;

/** What a file has, wherever it lies in it. */
export interface DataParts {
  readonly events: readonly Omit<PerfDataEvent, 'name'>[];
  /** By their numbers. */
  readonly features: ReadonlyMap<number, Uint8Array>;
  /** The records. */
  readonly data: Uint8Array;
}

/** True for what `perf record -o -` writes: events and features are records too. */
export function isPiped(bytes: Uint8Array): boolean {
  if (bytes.length < PIPE_HEADER_SIZE || !hasMagic(bytes)) return false;
  return new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(8, true) === BigInt(PIPE_HEADER_SIZE);
}

/** Finds events and features among the records. Throws KernelErrors EINVAL, and what attrs throw. */
export function readPiped(bytes: Uint8Array): DataParts {
  const data = bytes.subarray(PIPE_HEADER_SIZE);
  const events: Omit<PerfDataEvent, 'name'>[] = [];
  const features = new Map<number, Uint8Array>();
  for (let at = 0; at < data.length; ) {
    const header = decodeHeader(data, at);
    const body = data.subarray(at + RECORD_HEADER_SIZE, at + header.size);
    if (header.type === PERF_RECORD_HEADER_ATTR) {
      const attr = decodeAttr(body);
      const reader = new ByteReader(body.subarray(attr.size), dataError);
      const ids = Array.from({ length: Math.floor(reader.left / 8) }, () => reader.u64('id'));
      events.push({ attr, ids });
    }
    if (header.type === PERF_RECORD_HEADER_FEATURE) {
      const reader = new ByteReader(body, dataError);
      const number = Number(reader.u64('the number of a feature'));
      features.set(number, body.subarray(reader.at));
    }
    at += header.size + bytesBehind(data, at, header);
  }
  if (events.length === 0) throw dataError('it was written to a pipe, and has no event');
  return { events, features, data };
}
