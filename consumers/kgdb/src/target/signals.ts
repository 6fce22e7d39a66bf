import { type Machine, SI_CODES, type SignalInfo, type SignalName, type Task } from '@hwbp/core';
import { kgdbError } from '../errors.js';
import type { ResumePlan, SignalsPort } from '../rsp/target-port.js';
import { gdbSignal, signalOfGdb } from './gdb-signals.js';
import type { Resumed } from './resumed.js';
import { encodeSiginfo, type Layout } from './siginfo.js';

/**
 * Signals of tasks, as a debugger sees them whose threads are tasks: each stops the machine before it is delivered,
 * unless the debugger has said that it may pass; then the debugger says what the task gets. Signals of a task that
 * somebody traces are his.
 */
export class Signals implements SignalsPort {
  readonly #machine: Machine;
  readonly #layout: Layout;
  readonly #stop: (task: Task, signal: number) => boolean;
  #passing: ReadonlySet<number> = new Set();
  /** Those that tasks stand before. They are pending all the while. */
  readonly #held = new Map<Task, SignalInfo>();
  /** Those that the debugger lets them have. */
  readonly #granted = new WeakMap<Task, SignalInfo>();

  /** `stop`: the machine stops because of a signal; false: it stands still already. */
  constructor(machine: Machine, layout: Layout, stop: (task: Task, signal: number) => boolean) {
    this.#machine = machine;
    this.#layout = layout;
    this.#stop = stop;
  }

  pass(signals: ReadonlySet<number>): void {
    this.#passing = signals;
  }

  info(thread: number): Uint8Array | undefined {
    const task = this.#machine.tasks.get(thread);
    const info = task === undefined ? undefined : this.#held.get(task);
    return info === undefined ? undefined : encodeSiginfo(info, this.#layout);
  }

  /** The debugger has let go of some tasks: they get the signals that they stand before. */
  forget(gone: (task: Task) => boolean): void {
    for (const task of [...this.#held.keys()]) if (gone(task)) this.#held.delete(task);
  }

  /** A signal is about to be delivered. True: it has to wait. */
  keeps(task: Task, info: SignalInfo): boolean {
    const granted = this.#granted.get(task) === info;
    if (granted) this.#granted.delete(task);
    const signal = gdbSignal(info.si_signo);
    if (granted || task.tracer !== undefined || this.#passing.has(signal)) return false;
    if (this.#stop(task, signal)) this.#held.set(task, info);
    return true;
  }

  /** Refuses a plan with signals that there are not. */
  check({ signals }: ResumePlan): void {
    for (const [thread, signal] of signals ?? []) {
      if (signal === 0 || signalOfGdb(signal) !== undefined) continue;
      throw kgdbError('KGDB_NO_SIGNAL', `there is no signal ${signal} here for thread ${thread}`, { thread, signal });
    }
  }

  /** Threads go on: with the signal that they stand before, with another one, or without. */
  resume({ signals }: ResumePlan, resumed: Resumed | undefined): void {
    for (const [task, info] of [...this.#held]) {
      if (resumed?.(task.pid) === false) continue;
      this.#held.delete(task);
      if (!task.alive) continue;
      const wanted = signals?.get(task.pid) ?? 0;
      if (wanted === gdbSignal(info.si_signo)) this.#granted.set(task, info);
      else {
        this.#machine.depart(`a debugger kept ${info.si_signo} from thread ${task.pid}`);
        const at = task.pending.indexOf(info);
        if (at >= 0) task.pending.splice(at, 1);
        this.#send(task, signalOfGdb(wanted));
      }
    }
    for (const [thread, signal] of signals ?? []) {
      const task = this.#machine.tasks.get(thread);
      if (task !== undefined && this.#granted.get(task) === undefined) this.#send(task, signalOfGdb(signal));
    }
  }

  #send(task: Task, si_signo: SignalName | undefined): void {
    if (si_signo === undefined || this.#granted.get(task)?.si_signo === si_signo) return;
    this.#machine.depart(`a debugger sent ${si_signo} to thread ${task.pid}`);
    const info: SignalInfo = { si_signo, si_code: SI_CODES.SI_USER };
    this.#granted.set(task, info);
    this.#machine.sendSignal(task, info);
  }
}
