import type { ByteReader } from '../bytes/byte-reader.js';
import type { ByteWriter } from '../bytes/byte-writer.js';
import { readBuildIds, writeBuildIds } from './build-ids.js';
import { readList, readText, writeList, writeText } from './feature-texts.js';
import type { PerfDataFeatures } from './features.js';

/** How a feature lies in its section. */
export interface FeatureCodec<T> {
  /** HEADER_* (tools/perf, util/header.h). */
  readonly number: number;
  write(writer: ByteWriter, value: T): void;
  read(reader: ByteReader): T;
}

/** What of a feature there is to write: of an empty list, nothing. */
export function isSaid(value: unknown): boolean {
  return value !== undefined && !(Array.isArray(value) && value.length === 0);
}

const text = (number: number): FeatureCodec<string> => ({
  number,
  write: (writer, value) => writeText(writer, 'a feature', value),
  read: (reader) => readText(reader, 'a feature'),
});

const u64 = (number: number, name: string): FeatureCodec<bigint> => ({
  number,
  write: (writer, value) => writer.u64(name, value),
  read: (reader) => reader.u64(name),
});

/** Every feature that is a description of the machine or the recording, by its number, ascending. */
export const FEATURE_CODECS: {
  readonly [K in keyof PerfDataFeatures]-?: FeatureCodec<NonNullable<PerfDataFeatures[K]>>;
} = {
  build_ids: { number: 2, write: writeBuildIds, read: readBuildIds },
  hostname: text(3),
  osrelease: text(4),
  version: text(5),
  arch: text(6),
  nrcpus: {
    number: 7,
    write: (writer, { available, online }) => {
      writer.u32('available', available);
      writer.u32('online', online);
    },
    read: (reader) => ({ available: reader.u32('nrcpus'), online: reader.u32('nrcpus') }),
  },
  cpudesc: text(8),
  cpuid: text(9),
  total_mem: u64(10, 'total_mem'),
  cmdline: {
    number: 11,
    write: (writer, cmdline) => writeList(writer, 'arguments', cmdline, (one) => writeText(writer, 'an argument', one)),
    read: (reader) => readList(reader, 'cmdline', 4, () => readText(reader, 'an argument')),
  },
  pmu_mappings: {
    number: 16,
    write: (writer, pmus) =>
      writeList(writer, 'pmu_mappings', pmus, ({ type, name }) => {
        writer.u32('type', type);
        writeText(writer, 'the name of a PMU', name);
      }),
    read: (reader) =>
      readList(reader, 'pmu_mappings', 8, () => ({
        type: reader.u32('the type of a PMU'),
        name: readText(reader, 'the name of a PMU'),
      })),
  },
  groups: {
    number: 17,
    write: (writer, groups) =>
      writeList(writer, 'groups', groups, ({ name, leader, members }) => {
        writeText(writer, 'a group', name);
        writer.u32('leader', leader);
        writer.u32('members', members);
      }),
    read: (reader) =>
      readList(reader, 'groups', 12, () => {
        const name = readText(reader, 'a group');
        return { name, leader: reader.u32('leader'), members: reader.u32('members') };
      }),
  },
  sample_time: {
    number: 21,
    write: (writer, { first, last }) => {
      writer.u64('first', first);
      writer.u64('last', last);
    },
    read: (reader) => ({ first: reader.u64('first'), last: reader.u64('last') }),
  },
  clockid_res: u64(23, 'clockid_res'),
};
