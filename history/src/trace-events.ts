import type { HistoryData, HistoryEvent, Interval } from './data.js';
import { happened } from './happened.js';
import { type MachineHistory, machinesOf, nameIn } from './machines.js';
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

const threadOf = (register: number): number => FIRST_REGISTER + register;

/** One machine, and the process of its first CPU. */
interface Machine extends MachineHistory {
  readonly firstProcess: number;
}

/**
 * A history for Perfetto (ui.perfetto.dev) and chrome://tracing: CPUs are processes, those of guests behind their
 * host's, registers threads, and a microsecond is an instruction.
 */
export function traceEvents(data: HistoryData): TraceEventFile {
  let firstProcess = 1;
  const machines = machinesOf(data).map((machine): Machine => {
    firstProcess += machine.data.cpus;
    return { ...machine, firstProcess: firstProcess - machine.data.cpus };
  });
  return {
    traceEvents: machines.flatMap(eventsOf),
    displayTimeUnit: 'ms',
    otherData: {
      unit: 'a microsecond is an instruction, counted over all CPUs',
      from: data.from,
      to: data.to,
      lostIntervals: machines.reduce((sum, one) => sum + one.data.lost.intervals, 0),
      lostEvents: machines.reduce((sum, one) => sum + one.data.lost.events, 0),
    },
  };
}

function eventsOf(machine: Machine): readonly TraceEvent[] {
  const { data, firstProcess } = machine;
  return [
    ...Array.from({ length: data.cpus }, (_, cpu) => labels(cpu, machine)).flat(),
    ...taskRuns(data).map(
      ({ cpu, task, from, to }): SliceEvent => ({
        ph: 'X',
        name: task,
        cat: 'task',
        pid: firstProcess + cpu,
        tid: TASKS,
        ts: from,
        dur: to - from,
        args: {},
      }),
    ),
    ...data.intervals.map((interval) => sliceOf(interval, machine)),
    ...data.events.filter(({ kind }) => kind !== 'switch').map((event) => instantOf(event, machine)),
  ];
}

function labels(cpu: number, machine: Machine): readonly MetadataEvent[] {
  const pid = machine.firstProcess + cpu;
  const threads = ['what happened', 'task', ...machine.data.registers];
  return [
    { ph: 'M', name: 'process_name', pid, tid: EVENTS, args: { name: nameIn(machine, `CPU ${cpu}`) } },
    { ph: 'M', name: 'process_sort_index', pid, tid: EVENTS, args: { sort_index: pid } },
    ...threads.flatMap((name, index): readonly MetadataEvent[] => [
      { ph: 'M', name: 'thread_name', pid, tid: EVENTS + index, args: { name } },
      { ph: 'M', name: 'thread_sort_index', pid, tid: EVENTS + index, args: { sort_index: index } },
    ]),
  ];
}

function sliceOf(interval: Interval, { data, firstProcess }: Machine): SliceEvent {
  const { cpu, register, owner, what, task, from, to, end, by } = interval;
  return {
    ph: 'X',
    name: `${data.owners[owner]} ${what}`,
    cat: 'register',
    pid: firstProcess + cpu,
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

function instantOf(event: HistoryEvent, { data, firstProcess }: Machine): InstantEvent {
  const { count: ts, cpu, kind, task } = event;
  const args = { what: happened(event, data), ...(task === undefined ? {} : { task }) };
  const common = { ph: 'i', cat: kind, ts } as const;
  if (cpu < 0) return { ...common, s: 'g', name: happened(event, data), pid: firstProcess, tid: EVENTS, args };
  const tid = event.kind === 'hit' ? threadOf(event.register) : EVENTS;
  const name = event.kind === 'hit' ? 'hit' : happened(event, data);
  return { ...common, s: 't', name, pid: firstProcess + cpu, tid, args };
}
