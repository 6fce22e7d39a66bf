import { ByteReader } from '../bytes/byte-reader.js';
import { ByteWriter } from '../bytes/byte-writer.js';
import type { FileBuildId } from './build-ids.js';
import { dataError } from './data-error.js';
import type { PerfDataEvent } from './data-event.js';
import { HEADER_EVENT_DESC, writeEventDescriptions } from './event-description.js';
import { FEATURE_CODECS, type FeatureCodec, isSaid } from './feature-codecs.js';

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

/** A PMU of the machine: the `type` of its events, and its name. */
export interface PmuMapping {
  readonly type: number;
  readonly name: string;
}

/**
 * What a file says about where it was recorded; `perf report --header` prints it. Without `osrelease` and `cpudesc`
 * perf 6.1 crashes as it converts the file to JSON; to CTF it needs `osrelease`.
 */
export interface PerfDataFeatures {
  /** Files whose build ids are known: perf takes the symbols of such a file from one with the same id. */
  readonly build_ids?: readonly FileBuildId[];
  readonly hostname?: string;
  readonly osrelease?: string;
  /** Version of the tool that wrote it. */
  readonly version?: string;
  /** As uname(1) has it: `x86_64`, `ppc64le`. */
  readonly arch?: string;
  readonly nrcpus?: { readonly available: number; readonly online: number };
  readonly cpudesc?: string;
  /** Of x86 vendor, family, model and stepping, with commas between them. */
  readonly cpuid?: string;
  /** kB. */
  readonly total_mem?: bigint;
  readonly cmdline?: readonly string[];
  readonly pmu_mappings?: readonly PmuMapping[];
  readonly groups?: readonly GroupDescription[];
  /** Times of the first and the last record, in nanoseconds. */
  readonly sample_time?: { readonly first: bigint; readonly last: bigint };
  /** Nanoseconds: the resolution of the events' `clockid`. */
  readonly clockid_res?: bigint;
}

function sectionOf(write: (writer: ByteWriter) => void): Uint8Array {
  const writer = new ByteWriter();
  write(writer);
  return writer.written.slice();
}

const NAMES = Object.keys(FEATURE_CODECS) as (keyof PerfDataFeatures)[];

/** The codec of a feature whose value came from under the same name. */
const codecOf = (name: keyof PerfDataFeatures): FeatureCodec<unknown> => FEATURE_CODECS[name] as FeatureCodec<unknown>;

/** Every feature that there is something to say about, by its number, ascending. */
export function encodeFeatures(
  features: PerfDataFeatures,
  events: readonly PerfDataEvent[],
  attrs: readonly Uint8Array[],
): readonly (readonly [feature: number, bytes: Uint8Array])[] {
  const sections = NAMES.filter((name) => isSaid(features[name])).map((name): [number, Uint8Array] => {
    const { number, write } = codecOf(name);
    return [number, sectionOf((writer) => write(writer, features[name]))];
  });
  if (events.every(({ name }) => name !== undefined)) {
    sections.push([HEADER_EVENT_DESC, sectionOf((writer) => writeEventDescriptions(writer, events, attrs))]);
  }
  return sections.sort(([a], [b]) => a - b);
}

/** Reads the features that this package knows. Throws a KernelError EINVAL for one that is malformed. */
export function decodeFeatures(sections: ReadonlyMap<number, Uint8Array>): PerfDataFeatures {
  return Object.fromEntries(
    NAMES.flatMap((name) => {
      const { number, read } = codecOf(name);
      const bytes = sections.get(number);
      return bytes === undefined ? [] : [[name, read(new ByteReader(bytes, dataError))]];
    }),
  );
}
