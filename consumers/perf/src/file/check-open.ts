import type { Task } from '@hwbp/core';
import { checkAttrBits } from '../attr/check-attr.js';
import { PERF_SAMPLE_BRANCH_STACK, PERF_SAMPLE_READ, PERF_SAMPLE_TID } from '../attr/formats.js';
import type { PerfEventAttr } from '../attr/perf-event-attr.js';
import { perfError } from '../errors.js';
import type { PerfSettings } from './settings.js';

/** `flags` of perf_event_open. */
export const PERF_FLAG_FD_NO_GROUP = 1;
export const PERF_FLAG_FD_OUTPUT = 2;
export const PERF_FLAG_PID_CGROUP = 4;
export const PERF_FLAG_FD_CLOEXEC = 8;

const KNOWN_FLAGS = PERF_FLAG_FD_NO_GROUP | PERF_FLAG_FD_OUTPUT | PERF_FLAG_PID_CGROUP | PERF_FLAG_FD_CLOEXEC;
const BIT_63 = 1n << 63n;

/** Who calls: what counts of a task for permissions. `undefined`: the kernel itself, which may do everything. */
export type Caller = Task | undefined;

function invalid(message: string, details?: Record<string, unknown>) {
  return perfError('PERF_OPEN_INVALID', message, details);
}

function denied(message: string) {
  return perfError('PERF_OPEN_DENIED', message);
}

/** True if the caller has CAP_PERFMON or CAP_SYS_ADMIN. */
export function mayProfile(caller: Caller): boolean {
  return caller === undefined || caller.privileged;
}

/** What copying in a perf_event_attr checks, for open and for modify (Linux: perf_copy_attr). */
export function checkAttr(attr: PerfEventAttr): void {
  checkAttrBits(attr);
  if (((attr.sample_type ?? 0) & PERF_SAMPLE_BRANCH_STACK) !== 0 && !attr.branch_sample_type) {
    throw invalid('sample_type asks for branch stacks, and branch_sample_type does not say which branches');
  }
  if (attr.inherit_thread && !attr.inherit) throw invalid('inherit_thread needs inherit');
  if (attr.remove_on_exec && attr.enable_on_exec) throw invalid('remove_on_exec and enable_on_exec exclude each other');
  if (attr.sigtrap && !attr.remove_on_exec) throw invalid('sigtrap needs remove_on_exec');
}

/** What is checked before anything else is looked at: above 2 only who has privilege may open events at all. */
export function checkCaller(caller: Caller, { perf_event_paranoid }: PerfSettings): void {
  if (perf_event_paranoid <= 2 || mayProfile(caller)) return;
  throw denied(`perf_event_paranoid is ${perf_event_paranoid}: above 2 nobody opens events without privilege`);
}

/** What is checked before anybody looks for the task: permissions and periods. */
export function checkRequest(attr: PerfEventAttr, caller: Caller, settings: PerfSettings, sampleRate: number): void {
  if (!attr.exclude_kernel && settings.perf_event_paranoid > 1 && !mayProfile(caller)) {
    throw denied(
      `perf_event_paranoid is ${settings.perf_event_paranoid}: without privilege, set exclude_kernel to profile user mode only`,
    );
  }
  if (attr.freq) {
    const frequency = attr.sample_freq ?? attr.sample_period ?? 0;
    if (BigInt(frequency) > BigInt(sampleRate)) {
      throw invalid(`sample_freq ${frequency} is more than the ${sampleRate} samples a second that are allowed`);
    }
  } else if (BigInt(attr.sample_period ?? 0) >= BIT_63) {
    throw invalid('sample_period has bit 63 set');
  }
}

export function checkFlags(flags: number): void {
  if (!Number.isInteger(flags) || (flags & ~KNOWN_FLAGS) !== 0) {
    throw invalid(`flags 0x${Number(flags).toString(16)} has bits that are no PERF_FLAG_*`, { flags });
  }
  if ((flags & PERF_FLAG_PID_CGROUP) !== 0)
    throw invalid('there are no control groups here: clear PERF_FLAG_PID_CGROUP');
}

/** What is checked of the target before the PMU is asked. */
export function checkTarget(attr: PerfEventAttr, task: Task | undefined, cpu: number, cpus: number): void {
  if ((cpu < 0 || cpu >= cpus) && (task === undefined || cpu !== -1)) {
    throw invalid(`there is no CPU ${cpu}: this machine has CPUs 0 to ${cpus - 1}; -1 needs a task`, { cpu });
  }
  if (attr.sigtrap && task === undefined) throw invalid('sigtrap needs a task to send the signal to');
  const { sample_type = 0 } = attr;
  if (attr.inherit && (sample_type & PERF_SAMPLE_READ) !== 0 && (sample_type & PERF_SAMPLE_TID) === 0) {
    throw invalid('samples of an inherited event that carry counts must say of whom: add PERF_SAMPLE_TID');
  }
}

/** What is checked once the PMU has accepted the event: whether the caller may watch this task, or a CPU. */
export function checkAccess(task: Task | undefined, cpu: number, caller: Caller, settings: PerfSettings): void {
  if (mayProfile(caller)) return;
  if (task === undefined) {
    if (settings.perf_event_paranoid > 0) {
      throw denied(
        `perf_event_paranoid is ${settings.perf_event_paranoid}: without privilege, CPU ${cpu} is out of reach`,
      );
    }
    return;
  }
  if (caller === undefined || caller.tgid === task.tgid || (caller.uid === task.uid && !task.privileged)) return;
  throw denied(`task ${task} belongs to uid ${task.uid}: a caller of uid ${caller.uid} may not profile it`);
}
