import { utf8Length } from '@hwbp/core';
import { decodeAttr } from '../attr/decode-attr.js';
import { ByteReader } from '../bytes/byte-reader.js';
import { ByteWriter } from '../bytes/byte-writer.js';
import { dataError } from './data-error.js';
import type { PerfDataEvent } from './data-event.js';

/** Numbers of feature sections (tools/perf, enum of HEADER_*). */
const HEADER_HOSTNAME = 3;
const HEADER_OSRELEASE = 4;
const HEADER_VERSION = 5;
const HEADER_ARCH = 6;
const HEADER_NRCPUS = 7;
const HEADER_CPUDESC = 8;
const HEADER_TOTAL_MEM = 10;
const HEADER_CMDLINE = 11;
export const HEADER_EVENT_DESC = 12;
const HEADER_GROUP_DESC = 17;
const HEADER_SAMPLE_TIME = 21;
/** The file is the main one of a directory. */
export const HEADER_DIR_FORMAT = 24;
export const HEADER_COMPRESSED = 27;

/** Events that were opened as a group. */
export interface GroupDescription {
  /** Empty for a group without a name. */
  readonly name: string;
  /** Index of the leader among the file's events; its siblings follow it. */
  readonly leader: number;
  /** Events of the group, the leader included. */
  readonly members: number;
}

/** What a file says about where it was recorded; `perf report --header` prints it. */
export interface PerfDataFeatures {
  readonly hostname?: string;
  readonly osrelease?: string;
  /** Version of the tool that wrote it. */
  readonly version?: string;
  /** As uname(1) has it: `x86_64`, `ppc64le`. */
  readonly arch?: string;
  readonly nrcpus?: { readonly available: number; readonly online: number };
  readonly cpudesc?: string;
  /** kB. */
  readonly total_mem?: bigint;
  readonly cmdline?: readonly string[];
  readonly groups?: readonly GroupDescription[];
  /** Times of the first and the last record, in nanoseconds. */
  readonly sample_time?: { readonly first: bigint; readonly last: bigint };
}

/** perf pads texts to this. */
const TEXT_ALIGN = 64;

function writeText(writer: ByteWriter, name: string, value: string): void {
  const length = utf8Length(value);
  writer.u32(name, length + TEXT_ALIGN - (length % TEXT_ALIGN));
  writer.text(name, value, TEXT_ALIGN);
}

function readText(reader: ByteReader, name: string): string {
  return reader.text(name, reader.u32(name));
}

function writeEvents(writer: ByteWriter, events: readonly PerfDataEvent[], attrs: readonly Uint8Array[]): void {
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

type Encode = (writer: ByteWriter) => void;

/** Every feature that there is something to say about, by its number, ascending. */
export function encodeFeatures(
  features: PerfDataFeatures,
  events: readonly PerfDataEvent[],
  attrs: readonly Uint8Array[],
): readonly (readonly [feature: number, bytes: Uint8Array])[] {
  const { hostname, osrelease, version, arch, nrcpus, cpudesc, total_mem, cmdline, groups, sample_time } = features;
  const text = (value: string | undefined): Encode | undefined =>
    value === undefined ? undefined : (writer) => writeText(writer, 'a feature', value);
  const sections: readonly (readonly [number, Encode | undefined | false])[] = [
    [HEADER_HOSTNAME, text(hostname)],
    [HEADER_OSRELEASE, text(osrelease)],
    [HEADER_VERSION, text(version)],
    [HEADER_ARCH, text(arch)],
    [
      HEADER_NRCPUS,
      nrcpus &&
        ((writer) => {
          writer.u32('available', nrcpus.available);
          writer.u32('online', nrcpus.online);
        }),
    ],
    [HEADER_CPUDESC, text(cpudesc)],
    [HEADER_TOTAL_MEM, total_mem !== undefined && ((writer) => writer.u64('total_mem', total_mem))],
    [
      HEADER_CMDLINE,
      cmdline &&
        ((writer) => {
          writer.u32('arguments', cmdline.length);
          for (const argument of cmdline) writeText(writer, 'an argument', argument);
        }),
    ],
    [
      HEADER_EVENT_DESC,
      events.every(({ name }) => name !== undefined) && ((writer) => writeEvents(writer, events, attrs)),
    ],
    [
      HEADER_GROUP_DESC,
      groups !== undefined &&
        groups.length > 0 &&
        ((writer) => {
          writer.u32('groups', groups.length);
          for (const { name, leader, members } of groups) {
            writeText(writer, 'a group', name);
            writer.u32('leader', leader);
            writer.u32('members', members);
          }
        }),
    ],
    [
      HEADER_SAMPLE_TIME,
      sample_time &&
        ((writer) => {
          writer.u64('first', sample_time.first);
          writer.u64('last', sample_time.last);
        }),
    ],
  ];
  return sections.flatMap(([feature, encode]) => {
    if (encode === undefined || encode === false) return [];
    const writer = new ByteWriter();
    encode(writer);
    return [[feature, writer.written.slice()] as const];
  });
}

/** Reads the features that this package knows. Throws a KernelError EINVAL for one that is malformed. */
export function decodeFeatures(sections: ReadonlyMap<number, Uint8Array>): PerfDataFeatures {
  const read = <T>(feature: number, decode: (reader: ByteReader) => T): T | undefined => {
    const bytes = sections.get(feature);
    return bytes === undefined ? undefined : decode(new ByteReader(bytes, dataError));
  };
  const text = (feature: number): string | undefined => read(feature, (reader) => readText(reader, 'a feature'));
  const features = {
    hostname: text(HEADER_HOSTNAME),
    osrelease: text(HEADER_OSRELEASE),
    version: text(HEADER_VERSION),
    arch: text(HEADER_ARCH),
    nrcpus: read(HEADER_NRCPUS, (reader) => ({ available: reader.u32('nrcpus'), online: reader.u32('nrcpus') })),
    cpudesc: text(HEADER_CPUDESC),
    total_mem: read(HEADER_TOTAL_MEM, (reader) => reader.u64('total_mem')),
    cmdline: read(HEADER_CMDLINE, (reader) => list(reader, 'cmdline', 4, () => readText(reader, 'an argument'))),
    groups: read(HEADER_GROUP_DESC, (reader) =>
      list(reader, 'groups', 12, () => {
        const name = readText(reader, 'a group');
        return { name, leader: reader.u32('leader'), members: reader.u32('members') };
      }),
    ),
    sample_time: read(HEADER_SAMPLE_TIME, (reader) => ({ first: reader.u64('first'), last: reader.u64('last') })),
  };
  return Object.fromEntries(Object.entries(features).filter(([, value]) => value !== undefined));
}

/** As many as a 32-bit number says, of at least `each` bytes. */
function list<T>(reader: ByteReader, name: string, each: number, decode: () => T): T[] {
  const count = reader.u32(name);
  if (count > reader.left / each) throw dataError(`${name} says ${count}, and only ${reader.left} bytes follow`);
  return Array.from({ length: count }, decode);
}
