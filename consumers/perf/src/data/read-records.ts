import { ByteReader } from '../bytes/byte-reader.js';
import { decodeHeader, decodeRecord, RECORD_HEADER_SIZE, type RecordHeader } from '../records/decode-record.js';
import type { PerfRecord } from '../records/perf-record.js';
import { PERF_RECORD_AUXTRACE, PERF_RECORD_HEADER_TRACING_DATA } from '../records/record-types.js';
import { CompressedRecords, isCompressed, type PerfDataCompression } from './compressed-records.js';
import { dataError } from './data-error.js';
import type { PerfDataEvent } from './data-event.js';
import { idOffset } from './record-place.js';

/** A record of a file, and whose it is: of a record without an id, the first event. */
export interface PerfDataRecord {
  readonly record: PerfRecord;
  readonly event: PerfDataEvent;
}

/**
 * Bytes behind a record that belong to it and are no records: AUX data, formats of tracepoints. Throws a KernelError
 * EINVAL unless they are there.
 */
export function bytesBehind(bytes: Uint8Array, at: number, { type, size }: RecordHeader): number {
  if (type !== PERF_RECORD_AUXTRACE && type !== PERF_RECORD_HEADER_TRACING_DATA) return 0;
  const reader = new ByteReader(bytes.subarray(at + RECORD_HEADER_SIZE, at + size), dataError);
  const aux = type === PERF_RECORD_AUXTRACE;
  const said = aux ? reader.u64('the size of AUX data') : BigInt(Math.ceil(reader.u32('the size of formats') / 8) * 8);
  const left = bytes.length - at - size;
  if (said <= BigInt(left)) return Number(said);
  throw dataError(`${said} bytes of ${aux ? 'AUX data' : 'formats'} follow a record, and ${left} are left`);
}

/** True if a whole record lies at an offset. */
function isWhole(bytes: Uint8Array, at: number): boolean {
  const left = bytes.length - at;
  return left >= RECORD_HEADER_SIZE && new DataView(bytes.buffer, bytes.byteOffset + at).getUint16(6, true) <= left;
}

/** Reads the records of a file's data, those that are compressed too. */
export function* readRecords(
  data: Uint8Array,
  events: readonly PerfDataEvent[],
  compression: PerfDataCompression | undefined,
): Generator<PerfDataRecord, void, undefined> {
  const first = events[0] as PerfDataEvent;
  const byId = new Map(events.flatMap((event) => event.ids.map((id) => [id, event] as const)));
  const one = (bytes: Uint8Array, at: number, header: RecordHeader): PerfDataRecord => {
    const offset = events.length === 1 ? undefined : idOffset(header, first.attr);
    const view = new DataView(bytes.buffer, bytes.byteOffset + at);
    const event = offset === undefined ? first : (byId.get(view.getBigUint64(offset, true)) ?? first);
    return { record: decodeRecord(bytes, event.attr, at).record, event };
  };
  let compressed: CompressedRecords | undefined;
  for (let at = 0; at < data.length; ) {
    const header = decodeHeader(data, at);
    const { type, size } = header;
    if (isCompressed(type)) {
      compressed ??= new CompressedRecords(compression);
      const bytes = compressed.push(type, data.subarray(at, at + size));
      let from = 0;
      while (isWhole(bytes, from)) {
        const inner = decodeHeader(bytes, from);
        if (isCompressed(inner.type)) throw dataError('a compressed record holds another one');
        yield one(bytes, from, inner);
        from += inner.size;
      }
      compressed.use(from);
    } else yield one(data, at, header);
    at += size + bytesBehind(data, at, header);
  }
  compressed?.end();
}
