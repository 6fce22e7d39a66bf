import type { HistoryData, HistoryEvent, Interval } from './data.js';
import { happened } from './happened.js';
import { taskRuns } from './task-runs.js';

/*
 * The Trace Event Format ("JSON object format") that Chrome's viewer and Perfetto read. Source: the document "Trace
 * Event Format" of the Chromium project (catapult).
 */

/** A file as these viewers read it. */
export interface TraceEventFile {
  readonly traceEvents: readonly TraceEvent[];
  readonly displayTimeUnit: 'ms' | 'ns';
  /** What is said of the whole. */
  readonly otherData: Readonly<Record<string, string | number>>;
}

/** `M`: metadata. `X`: a slice with a duration. `i`: an instant, of a thread or (`g`) of everything. */
export type TraceEvent = MetadataEvent | SliceEvent | InstantEvent;

export interface MetadataEvent {
  readonly ph: 'M';
  readonly name: 'process_name' | 'process_sort_index' | 'thread_name' | 'thread_sort_index';
  readonly pid: number;
  readonly tid: number;
  readonly args: Readonly<Record<string, string | number>>;
}

export interface SliceEvent {
  readonly ph: 'X';
  readonly name: string;
  readonly cat: string;
  readonly pid: number;
  readonly tid: number;
  /** Microseconds, which stand for instructions here. */
  readonly ts: number;
  readonly dur: number;
  readonly args: Readonly<Record<string, string | number>>;
}

export interface InstantEvent {
  readonly ph: 'i';
  readonly s: 't' | 'g';
  readonly name: string;
  readonly cat: string;
  readonly pid: number;
  readonly tid: number;
  readonly ts: number;
  readonly args: Readonly<Record<string, string | number>>;
}

/** Threads of a CPU's process; registers follow. Viewers take 0 for the idle task, so numbers begin with 1. */
const EVENTS = 1;
const TASKS = 2;
const FIRST_REGISTER = 3;

const processOf = (cpu: number): number => cpu + 1;
const threadOf = (register: number): number => FIRST_REGISTER + register;

/**
 * A history for Perfetto (ui.perfetto.dev) and chrome://tracing: CPUs are processes, registers threads, and a
 * microsecond is an instruction.
 */
export function traceEvents(data: HistoryData): TraceEventFile {
  const runs = taskRuns(data).map(
    ({ cpu, task, from, to }): SliceEvent => ({
      ph: 'X',
      name: task,
      cat: 'task',
      pid: processOf(cpu),
      tid: TASKS,
      ts: from,
      dur: to - from,
      args: {},
    }),
  );
  return {
    traceEvents: [
      ...Array.from({ length: data.cpus }, (_, cpu) => labels(cpu, data)).flat(),
      ...runs,
      ...data.intervals.map((interval) => sliceOf(interval, data)),
      ...data.events.filter(({ kind }) => kind !== 'switch').map((event) => instantOf(event, data)),
    ],
    displayTimeUnit: 'ms',
    otherData: {
      unit: 'a microsecond is an instruction, counted over all CPUs',
      from: data.from,
      to: data.to,
      lostIntervals: data.lost.intervals,
      lostEvents: data.lost.events,
    },
  };
}

function labels(cpu: number, { registers }: HistoryData): readonly MetadataEvent[] {
  const pid = processOf(cpu);
  const threads = ['what happened', 'task', ...registers];
  return [
    { ph: 'M', name: 'process_name', pid, tid: EVENTS, args: { name: `CPU ${cpu}` } },
    { ph: 'M', name: 'process_sort_index', pid, tid: EVENTS, args: { sort_index: cpu } },
    ...threads.flatMap((name, index): readonly MetadataEvent[] => [
      { ph: 'M', name: 'thread_name', pid, tid: EVENTS + index, args: { name } },
      { ph: 'M', name: 'thread_sort_index', pid, tid: EVENTS + index, args: { sort_index: index } },
    ]),
  ];
}

function sliceOf({ cpu, register, owner, what, task, from, to, end, by }: Interval, data: HistoryData): SliceEvent {
  return {
    ph: 'X',
    name: `${data.owners[owner]} ${what}`,
    cat: 'register',
    pid: processOf(cpu),
    tid: threadOf(register),
    ts: from,
    dur: Math.max(0, (to ?? data.to) - from),
    args: {
      owner: data.owners[owner] ?? '',
      what,
      ...(task === undefined ? {} : { task }),
      end: end ?? 'held',
      ...(by === undefined ? {} : { by }),
    },
  };
}

function instantOf(event: HistoryEvent, data: HistoryData): InstantEvent {
  const { count: ts, cpu, kind, task } = event;
  const args = { what: happened(event, data), ...(task === undefined ? {} : { task }) };
  const common = { ph: 'i', cat: kind, ts } as const;
  if (cpu < 0) return { ...common, s: 'g', name: happened(event, data), pid: processOf(0), tid: EVENTS, args };
  const tid = event.kind === 'hit' ? threadOf(event.register) : EVENTS;
  const name = event.kind === 'hit' ? 'hit' : happened(event, data);
  return { ...common, s: 't', name, pid: processOf(cpu), tid, args };
}
