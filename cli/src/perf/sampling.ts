import {
  PERF_FORMAT_GROUP,
  PERF_FORMAT_ID,
  PERF_SAMPLE_ADDR,
  PERF_SAMPLE_CPU,
  PERF_SAMPLE_DATA_SRC,
  PERF_SAMPLE_IDENTIFIER,
  PERF_SAMPLE_IP,
  PERF_SAMPLE_PERIOD,
  PERF_SAMPLE_READ,
  PERF_SAMPLE_TID,
  PERF_SAMPLE_TIME,
  PERF_TYPE_BREAKPOINT,
  type PerfEventAttr,
} from '@hwbp/perf';
import type { ResolvedEvent, ResolvedGroup } from './resolve-event.js';

const ALWAYS =
  PERF_SAMPLE_IDENTIFIER | PERF_SAMPLE_IP | PERF_SAMPLE_TID | PERF_SAMPLE_TIME | PERF_SAMPLE_ADDR | PERF_SAMPLE_CPU;
/** Samples a second that perf tries to take of events without a period. */
const DEFAULT_FREQUENCY = 4000;

/** What makes samples of events. */
export interface Sampling {
  /** A sample after every so many hits; `undefined`: perf's defaults. */
  readonly period: number | undefined;
}

/** How often an event is sampled. */
function periodOf({ type, sample_period = 0 }: PerfEventAttr, { period }: Sampling): PerfEventAttr | object {
  if (period !== undefined) return { sample_period: period };
  if (type === PERF_TYPE_BREAKPOINT) return { sample_period };
  return { sample_freq: DEFAULT_FREQUENCY, freq: true };
}

/**
 * The attr that an event is recorded with, as `perf record -d -T` has it. PERIOD is left out with a period of more than
 * one: in Linux it makes every hit overflow. In a group with modifier S the leader's samples read all, and its siblings
 * take none.
 */
export function samplingAttr(
  event: ResolvedEvent,
  { events }: ResolvedGroup,
  first: boolean,
  sampling: Sampling,
): PerfEventAttr {
  const reads = events.some(({ sampleRead }) => sampleRead);
  const leader = events[0] === event;
  const { sample_period: _, ...attr } = event.attr;
  const period = reads && !leader ? { sample_period: 0 } : periodOf(event.attr, sampling);
  const everyHit = sampling.period === undefined || sampling.period === 1;
  return {
    ...attr,
    ...period,
    sample_type:
      ALWAYS |
      (attr.type === PERF_TYPE_BREAKPOINT ? PERF_SAMPLE_DATA_SRC : 0) |
      (everyHit ? PERF_SAMPLE_PERIOD : 0) |
      (reads ? PERF_SAMPLE_READ : 0),
    read_format: PERF_FORMAT_ID | (reads ? PERF_FORMAT_GROUP : 0),
    sample_id_all: true,
    ...(first ? { mmap: true, mmap2: true, mmap_data: true, comm: true, comm_exec: true, task: true } : {}),
  };
}
