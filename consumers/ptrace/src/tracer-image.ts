import {
  type ImageReader,
  type ImageValue,
  loadExit,
  loadSignal,
  type Machine,
  notWritable,
  saveSignal,
  type Task,
} from '@hwbp/core';
import type { TraceOptions } from './options.js';
import type { Tracee } from './tracee.js';
import { PTRACE_EVENTS, type PtraceEvent, type WaitStatus } from './wait-status.js';

const EVENTS = Object.keys(PTRACE_EVENTS) as PtraceEvent[];
const SIGNAL_EVENTS = ['stop', 'entry', 'exit'] as const;
const OPTIONS = [
  'traceFork',
  'traceClone',
  'traceExec',
  'traceExit',
  'traceSysGood',
  'exitKill',
] as const satisfies readonly (keyof TraceOptions)[];
const RESUMPTIONS = ['cont', 'step', 'syscall', 'sysemu', 'sysemu-step'] as const;
const FLAGS = ['stepping', 'listening', 'trapped', 'execed'] as const;

/** A stop as an image has it. Throws EBUSY for the end of a task, which is no stop and no task any more. */
export function saveStatus(status: WaitStatus): ImageValue {
  const { kind, task } = status;
  if (!task.alive) throw notWritable(`a tracer is still to be told that task ${task} has ended: wait for it first`);
  if (kind === 'signal') {
    return { kind, pid: task.pid, info: saveSignal(status.info), event: status.event ?? null };
  }
  if (kind !== 'event') throw notWritable(`a tracer is still to be told of task ${task}: wait for it first`);
  const { event, child, exit } = status;
  if (child?.alive === false) throw notWritable(`task ${child}, which has ended, is the child in a stop of ${task}`);
  return { kind, pid: task.pid, event, child: child?.pid ?? null, exit: exit === undefined ? null : { ...exit } };
}

/** The task of a pid. Throws EINVAL if the image has none of that number. */
export function taskOf(pid: ImageReader, { tasks }: Machine): Task {
  const task = tasks.get(pid.number(1));
  if (task === undefined) throw pid.invalid('the pid of a task of the image');
  return task;
}

export function loadStatus(from: ImageReader, machine: Machine): WaitStatus {
  const task = taskOf(from.field('pid'), machine);
  const event = from.field('event');
  if (from.field('kind').oneOf('signal', 'event') === 'signal') {
    const info = loadSignal(from.field('info'));
    return { kind: 'signal', task, info, ...(event.absent ? {} : { event: event.oneOf(...SIGNAL_EVENTS) }) };
  }
  const [child, exit] = [from.field('child'), from.field('exit')];
  return {
    kind: 'event',
    task,
    event: event.oneOf(...EVENTS),
    ...(child.absent ? {} : { child: taskOf(child, machine) }),
    ...(exit.absent ? {} : { exit: loadExit(exit) }),
  };
}

/** What a tracer knows of a tracee. */
export function saveTracee(tracee: Tracee): ImageValue {
  const { task, adoption, options, stop, resumption } = tracee;
  return {
    pid: task.pid,
    adoption,
    options: OPTIONS.filter((name) => options[name] === true),
    stop: stop === undefined ? null : saveStatus(stop),
    resumption,
    flags: FLAGS.filter((name) => tracee[name]),
  };
}

/** How a tracee of an image is to be adopted. */
export function adoptionOf(from: ImageReader): { adoption: Tracee['adoption']; options: TraceOptions } {
  const options = from
    .field('options')
    .list()
    .map((one) => [one.oneOf(...OPTIONS), true]);
  return { adoption: from.field('adoption').oneOf('seized', 'attached'), options: Object.fromEntries(options) };
}

/** The rest of it. */
export function loadTracee(tracee: Tracee, from: ImageReader, machine: Machine): void {
  const stop = from.field('stop');
  tracee.stop = stop.absent ? undefined : loadStatus(stop, machine);
  tracee.resumption = from.field('resumption').oneOf(...RESUMPTIONS);
  for (const flag of from.field('flags').list()) tracee[flag.oneOf(...FLAGS)] = true;
}
