import type { EventReading, Events, Occurrence, PmuEvent, Task } from '@hwbp/core';
import {
  PERF_FORMAT_GROUP,
  PERF_FORMAT_ID,
  PERF_FORMAT_LOST,
  PERF_FORMAT_TOTAL_TIME_ENABLED,
  PERF_FORMAT_TOTAL_TIME_RUNNING,
  PERF_SAMPLE_CALLCHAIN,
  PERF_SAMPLE_READ,
} from '../attr/formats.js';
import type { PerfEventAttr } from '../attr/perf-event-attr.js';
import { perfError } from '../errors.js';
import type { ReadValues } from '../records/read-values.js';
import {
  PERF_RECORD_MISC_GUEST_KERNEL,
  PERF_RECORD_MISC_GUEST_USER,
  PERF_RECORD_MISC_HYPERVISOR,
  PERF_RECORD_MISC_KERNEL,
  PERF_RECORD_MISC_USER,
  PERF_RECORD_SAMPLE,
} from '../records/record-types.js';
import type { SampleRecord } from '../records/sample.js';
import type { SampleId } from '../records/sample-id.js';

/** Markers in a call chain (PERF_CONTEXT_*): what follows was executed in this mode. */
const CONTEXT_KERNEL = BigInt.asUintN(64, -128n);
const CONTEXT_USER = BigInt.asUintN(64, -512n);
const CONTEXT_GUEST_KERNEL = BigInt.asUintN(64, -2176n);
const CONTEXT_GUEST_USER = BigInt.asUintN(64, -2560n);

const MISC = {
  user: PERF_RECORD_MISC_USER,
  kernel: PERF_RECORD_MISC_KERNEL,
  hypervisor: PERF_RECORD_MISC_HYPERVISOR,
} as const;

/** Where a sample was taken: in a guest, if an interrupt came while one was on the CPU. */
function placeOf({ mode, ip, guest }: Occurrence) {
  if (guest === undefined) return { misc: MISC[mode], ip, context: mode === 'user' ? CONTEXT_USER : CONTEXT_KERNEL };
  const user = guest.mode === 'user';
  return {
    misc: user ? PERF_RECORD_MISC_GUEST_USER : PERF_RECORD_MISC_GUEST_KERNEL,
    ip: guest.pc,
    context: user ? CONTEXT_GUEST_USER : CONTEXT_GUEST_KERNEL,
  };
}

/** Who, when and where, of a record that a task causes on a CPU. */
export function sampleIdOf(event: PmuEvent, task: Task | undefined, cpu: number, now: number): SampleId {
  const primary = event.parent ?? event;
  return {
    pid: task?.tgid ?? 0,
    tid: task?.pid ?? 0,
    time: BigInt(Math.round(now)),
    id: BigInt(primary.id),
    stream_id: BigInt(event.id),
    cpu,
  };
}

/** Samples that an event lost, for PERF_FORMAT_LOST. */
export type LostOf = (event: PmuEvent) => number;

/**
 * What read(2) of an event gives by its `read_format`: counts of children are added. ECHILD for a group unlike those of
 * children.
 */
export function readValuesOf(events: Events, event: PmuEvent, read_format: number, lostOf: LostOf): ReadValues {
  if (read_format & PERF_FORMAT_GROUP) checkGroup(event.leader);
  return valuesOf(event, read_format, lostOf, (one) => events.read(one));
}

function valuesOf(
  event: PmuEvent,
  read_format: number,
  lostOf: LostOf,
  reading: (event: PmuEvent) => EventReading,
): ReadValues {
  const value = (one: PmuEvent) => ({
    value: BigInt(Math.round(reading(one).count)),
    ...(read_format & PERF_FORMAT_ID ? { id: BigInt((one.parent ?? one).id) } : {}),
    ...(read_format & PERF_FORMAT_LOST ? { lost: BigInt(lostOf(one)) } : {}),
  });
  const group = (read_format & PERF_FORMAT_GROUP) !== 0;
  const first = group ? event.leader : event;
  const { enabled, running } = reading(first);
  const times = {
    ...(read_format & PERF_FORMAT_TOTAL_TIME_ENABLED ? { time_enabled: BigInt(Math.round(enabled)) } : {}),
    ...(read_format & PERF_FORMAT_TOTAL_TIME_RUNNING ? { time_running: BigInt(Math.round(running)) } : {}),
  };
  if (!group) return { ...value(event), ...times };
  return { ...times, values: [first, ...first.siblings].map(value) };
}

/** Counts of a group can only be added to those of children whose groups are alike: ECHILD. */
function checkGroup(leader: PmuEvent): void {
  for (const child of leader.children) {
    if (child.generation === leader.generation && child.siblings.length === leader.siblings.length) continue;
    throw perfError(
      'PERF_GROUP_CHANGED',
      `the group of ${leader} has changed since ${child.task} inherited it: read its members one by one, or wait until that task ends`,
    );
  }
}

/** The sample of an overflow, with the fields that `sample_type` asks for. */
export function sampleOf(
  events: Events,
  event: PmuEvent,
  attr: PerfEventAttr,
  occurrence: Occurrence,
  period: number,
  lostOf: LostOf,
): SampleRecord {
  const { cpu, task, address } = occurrence;
  const { misc, ip, context } = placeOf(occurrence);
  const { sample_type = 0, read_format = 0 } = attr;
  return {
    type: PERF_RECORD_SAMPLE,
    misc,
    ...sampleIdOf(event, task, cpu.index, cpu.clock.now),
    ip,
    addr: address ?? 0n,
    period: BigInt(Math.round(period)),
    ...(sample_type & PERF_SAMPLE_READ
      ? { values: valuesOf(event, read_format, lostOf, (one) => events.readOwn(one)) }
      : {}),
    ...(sample_type & PERF_SAMPLE_CALLCHAIN ? { callchain: [context, ip] } : {}),
  };
}
