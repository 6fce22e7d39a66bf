import type { ChildChange } from './child-changes.js';
import type { ProcessTable } from './process-table.js';
import type { SignalInfo, SignalName } from './signals.js';
import { defaultAction } from './signals.js';
import type { KernelTask } from './task.js';
import type { TaskScheduler } from './task-scheduler.js';

/** Takes pending signals away. */
function flush(pending: SignalInfo[], unwanted: (signal: SignalName) => boolean): void {
  for (let at = pending.length - 1; at >= 0; at--) {
    if (unwanted((pending[at] as SignalInfo).si_signo)) pending.splice(at, 1);
  }
}

/** Stops of whole processes (Linux: group stops), which one thread's signal begins and SIGCONT ends. */
export class JobControl {
  readonly #scheduler: TaskScheduler;
  readonly #processes: ProcessTable;
  readonly #told: (task: KernelTask, change: ChildChange) => void;

  /** `told`: a process has stopped as a whole, or goes on. */
  constructor(
    scheduler: TaskScheduler,
    processes: ProcessTable,
    told: (task: KernelTask, change: ChildChange) => void,
  ) {
    this.#scheduler = scheduler;
    this.#processes = processes;
    this.#told = told;
  }

  /** A signal is sent: SIGCONT and those that stop call each other off, in every thread (Linux: prepare_signal). */
  prepare(task: KernelTask, signal: SignalName): void {
    if (signal === 'SIGCONT') this.#continue(task);
    else if (defaultAction(signal) === 'stop') {
      for (const member of this.#processes.threadsOf(task)) flush(member.pending, (other) => other === 'SIGCONT');
    }
  }

  /** The default action of a signal that stops: every thread stops, those in a system call where it returns. */
  stop(task: KernelTask, signal: SignalName): void {
    task.process.stopped = signal;
    for (const member of this.#processes.threadsOf(task)) {
      if (member === task || (member.state !== 'stopped' && member.context.mode === 'user')) this.#halt(member, signal);
      else if (member.state !== 'stopped') member.stopSignal = signal;
    }
    this.#complete(task, signal);
  }

  /** A thread that is to stop has come to where it can. */
  arrive(task: KernelTask): void {
    const signal = task.stopSignal as SignalName;
    this.#halt(task, signal);
    this.#complete(task, signal);
  }

  #halt(task: KernelTask, signal: SignalName): void {
    task.stopSignal = undefined;
    task.tracer?.groupStop?.(task, signal);
    this.#scheduler.halt(task);
  }

  #complete(task: KernelTask, signal: SignalName): void {
    if (task.process.stopping.size === 0) this.#told(task, { stopped: signal });
  }

  #continue(task: KernelTask): void {
    const { process } = task;
    const stopped = process.stopped !== undefined;
    process.stopped = undefined;
    for (const member of this.#processes.threadsOf(task)) {
      flush(member.pending, (other) => defaultAction(other) === 'stop');
      member.stopSignal = undefined;
      if (member.tracer !== undefined) member.tracer.continued?.(member);
      else if (member.state === 'stopped') this.#scheduler.wake(member);
    }
    if (stopped) this.#told(task, { continued: true });
  }
}
