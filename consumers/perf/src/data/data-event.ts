import type { KernelError } from '@hwbp/core';
import { encodeAttr } from '../attr/encode-attr.js';
import { PERF_FORMAT_ID, PERF_SAMPLE_IDENTIFIER, PERF_SAMPLE_READ } from '../attr/formats.js';
import { PERF_ATTR_SIZE_VER5, PERF_ATTR_SIZES } from '../attr/layout.js';
import type { PerfEventAttr } from '../attr/perf-event-attr.js';
import { perfError } from '../errors.js';

/** An event of a perf.data file. */
export interface PerfDataEvent {
  readonly attr: PerfEventAttr;
  /** The ids in its records: one for each CPU or task that it was opened on. May be empty if it is the only event. */
  readonly ids: readonly bigint[];
  /** What perf shows. Default: perf makes one from the attr, such as `mem:0x404080/4:w`. */
  readonly name?: string;
}

function refuse(what: string): KernelError {
  return perfError('PERF_DATA_EVENTS', what);
}

/**
 * Refuses events whose records perf could not tell apart: several events need ids and PERF_SAMPLE_IDENTIFIER, which is
 * at the same place whatever else `sample_type` has, and the same `sample_id_all`. Throws KernelErrors: EINVAL.
 */
export function checkDataEvents(events: readonly PerfDataEvent[]): void {
  const [first] = events;
  if (first === undefined) throw refuse('a perf.data file has at least one event');
  const ids = new Set<bigint>();
  for (const { attr, ids: own } of events) {
    const { sample_type = 0, read_format = 0, sample_id_all = false } = attr;
    if (sample_type & PERF_SAMPLE_READ && (read_format & PERF_FORMAT_ID) === 0) {
      throw refuse('PERF_SAMPLE_READ needs PERF_FORMAT_ID in read_format: perf looks for it');
    }
    for (const id of own) {
      if (ids.has(id)) throw refuse(`two events have the id ${id}: give each its own`);
      ids.add(id);
    }
    if (events.length === 1) return;
    if (own.length === 0) throw refuse('one of several events has no id: give it one, and write it into its records');
    if ((sample_type & PERF_SAMPLE_IDENTIFIER) === 0) {
      throw refuse('one of several events has no PERF_SAMPLE_IDENTIFIER (0x10000) in its sample_type: add it');
    }
    if (sample_id_all !== (first.attr.sample_id_all ?? false)) {
      throw refuse('sample_id_all differs between the events: set it in all of them');
    }
  }
}

/**
 * The structures of all events, of one size: the smallest that loses nothing, from 112 bytes, so that old perfs read
 * the file.
 */
export function encodeAttrs(events: readonly PerfDataEvent[]): readonly Uint8Array[] {
  const encode = (size: number): Uint8Array[] => events.map(({ attr }) => encodeAttr({ ...attr, size }));
  const sizes = PERF_ATTR_SIZES.filter((size) => size >= PERF_ATTR_SIZE_VER5);
  for (const size of sizes.slice(0, -1)) {
    try {
      return encode(size);
    } catch (error) {
      if ((error as Partial<KernelError>).code !== 'PERF_ATTR_CUT') throw error;
    }
  }
  return encode(sizes.at(-1) ?? PERF_ATTR_SIZE_VER5);
}
