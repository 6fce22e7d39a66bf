import { decodeAttr } from '../attr/decode-attr.js';
import { ByteReader } from '../bytes/byte-reader.js';
import type { ByteWriter } from '../bytes/byte-writer.js';
import { dataError } from './data-error.js';
import type { PerfDataEvent } from './data-event.js';
import { readText, writeText } from './feature-texts.js';

/** The feature with the attrs of all events, and their names. */
export const HEADER_EVENT_DESC = 12;

/** Appends the descriptions of all events. */
export function writeEventDescriptions(
  writer: ByteWriter,
  events: readonly PerfDataEvent[],
  attrs: readonly Uint8Array[],
): void {
  writer.u32('events', events.length);
  writer.u32('attr size', attrs[0]?.length ?? 0);
  for (const [i, { ids, name = '' }] of events.entries()) {
    writer.raw(attrs[i] ?? new Uint8Array(0));
    writer.u32('ids', ids.length);
    writeText(writer, 'name', name);
    for (const id of ids) writer.u64('id', id);
  }
}

/** Names of the file's events by their order. */
export function readEventNames(bytes: Uint8Array): readonly string[] {
  const reader = new ByteReader(bytes, dataError);
  const count = reader.u32('the number of event descriptions');
  const size = reader.u32('the size of their attrs');
  const names: string[] = [];
  for (let i = 0; i < count; i++) {
    decodeAttr(reader.raw('the attr of an event description', size));
    const ids = reader.u32('the number of ids');
    names.push(readText(reader, 'the name of an event'));
    reader.raw('ids', 8 * ids);
  }
  return names;
}
