import { decodeAttr } from '../attr/decode-attr.js';
import { PERF_ATTR_SIZE_VER0 } from '../attr/layout.js';
import { ByteReader } from '../bytes/byte-reader.js';
import { perfError } from '../errors.js';
import { decodeCompression, type PerfDataCompression } from './compressed-records.js';
import { dataError } from './data-error.js';
import type { PerfDataEvent } from './data-event.js';
import { HEADER_EVENT_DESC, readEventNames } from './event-description.js';
import { decodeFeatures, HEADER_COMPRESSED, HEADER_DIR_FORMAT, type PerfDataFeatures } from './features.js';
import { decodeFileHeader, type FileHeader, readSection, SECTION_SIZE, type Section } from './file-header.js';
import { type DataParts, isPiped, readPiped } from './read-pipe.js';
import { type PerfDataRecord, readRecords } from './read-records.js';

/** A perf.data file. */
export interface PerfData {
  readonly events: readonly PerfDataEvent[];
  readonly features: PerfDataFeatures;
  /** How its records were compressed; {@link records} decompresses them. */
  readonly compression?: PerfDataCompression;
  /** The records as they lie in the file, decoded one by one. Throws a KernelError at the first that is malformed. */
  records(): Generator<PerfDataRecord, void, undefined>;
}

function slice(bytes: Uint8Array, { offset, size }: Section): Uint8Array {
  return bytes.subarray(offset, offset + size);
}

function readEvents(bytes: Uint8Array, { attr_size, attrs }: FileHeader): Omit<PerfDataEvent, 'name'>[] {
  if (attr_size < PERF_ATTR_SIZE_VER0 + SECTION_SIZE || attrs.size % attr_size !== 0 || attrs.size === 0) {
    throw dataError(`its ${attrs.size} bytes of attrs are no multiple of attr_size, which is ${attr_size}`);
  }
  const events: Omit<PerfDataEvent, 'name'>[] = [];
  let total = 0;
  for (let at = attrs.offset; at < attrs.offset + attrs.size; at += attr_size) {
    const entry = bytes.subarray(at, at + attr_size);
    const ids = readSection(
      new ByteReader(entry.subarray(-SECTION_SIZE), dataError),
      'the ids of an event',
      bytes.length,
    );
    if (ids.size % 8 !== 0) throw dataError(`the ids of an event have ${ids.size} bytes, no multiple of 8`);
    // Overlapping arrays would make much of a small file.
    total += ids.size;
    if (total > bytes.length) throw dataError(`its events have ${total} bytes of ids, more than the whole file`);
    const reader = new ByteReader(slice(bytes, ids), dataError);
    events.push({
      attr: decodeAttr(entry.subarray(0, -SECTION_SIZE)),
      ids: Array.from({ length: ids.size / 8 }, () => reader.u64('id')),
    });
  }
  return events;
}

/** The table of feature sections lies behind the data. */
function readFeatureSections(bytes: Uint8Array, { data, features }: FileHeader): Map<number, Uint8Array> {
  const reader = new ByteReader(bytes.subarray(data.offset + data.size), dataError);
  return new Map(
    features.map((feature) => [feature, slice(bytes, readSection(reader, `feature ${feature}`, bytes.length))]),
  );
}

function readSections(bytes: Uint8Array): DataParts {
  const header = decodeFileHeader(bytes);
  const events = readEvents(bytes, header);
  return { events, features: readFeatureSections(bytes, header), data: slice(bytes, header.data) };
}

/**
 * Reads a perf.data file of version 2, little endian, as `PerfDataWriter` and `perf record` write it, also to a pipe.
 * Throws a KernelError EINVAL for what is none (PERF_DATA_MALFORMED), EOPNOTSUPP for the main file of a directory that
 * `perf record --threads` made, and what attrs and records throw.
 */
export function readPerfData(bytes: Uint8Array): PerfData {
  const { events: nameless, features: sections, data } = isPiped(bytes) ? readPiped(bytes) : readSections(bytes);
  if (sections.has(HEADER_DIR_FORMAT)) {
    throw perfError(
      'PERF_DATA_UNSUPPORTED',
      'this perf.data file is the main one of a directory (perf record --threads), and its samples lie in the others ' +
        '(data.0, data.1, ...), which are not read here: record without --threads',
    );
  }
  const compressed = sections.get(HEADER_COMPRESSED);
  const compression = compressed === undefined ? undefined : decodeCompression(compressed);
  const description = sections.get(HEADER_EVENT_DESC);
  const names = description === undefined ? [] : readEventNames(description);
  const events = nameless.map((event, i) => {
    const name = names[i];
    return name === undefined ? event : { ...event, name };
  });
  return {
    events,
    features: decodeFeatures(sections),
    ...(compression === undefined ? {} : { compression }),
    records: () => readRecords(data, events, compression),
  };
}
