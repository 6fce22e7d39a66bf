import { Disposables, type Hit, type Task } from '@hwbp/core';
import type { StopReason } from '../rsp/target-port.js';
import type { Control } from './control.js';
import type { TargetParts } from './parts.js';
import type { Points } from './points.js';
import { type ProcessEvents, Processes } from './processes.js';
import { Signals } from './signals.js';
import { SystemCalls } from './system-calls.js';

/** What the ports of tasks belong to. */
export interface TaskPortsTarget {
  readonly execution: Control;
  readonly points: Points<Hit>;
}

/** What there is of tasks and not of CPUs: processes, signals, system calls. */
export class TaskPorts implements ProcessEvents {
  readonly processes: Processes;
  readonly signals: Signals;
  /** `undefined`: nobody knows the numbers of system calls. */
  readonly systemCalls: SystemCalls | undefined;
  readonly #target: TaskPortsTarget;
  readonly #hooks = new Disposables();

  /** `target`: whole by the time that the machine executes. */
  constructor({ machine, manifest, callNumbers }: TargetParts, target: TaskPortsTarget) {
    this.#target = target;
    this.processes = new Processes(machine, this);
    this.signals = new Signals(machine, manifest, (task, signal) => target.execution.signal(task, signal));
    if (callNumbers !== undefined) {
      const processOf = (task: Task): number => this.processes.ofTask(task);
      const stop = (task: Task, reason: StopReason): boolean => target.execution.event(task, reason);
      this.systemCalls = new SystemCalls({ machine, numbers: callNumbers, processOf, stop });
    }
    this.#hooks.add(
      machine.hooks.signalDue.add((task, info, hold) => {
        if (this.processes.has(task) && this.signals.keeps(task, info)) hold();
      }),
    );
  }

  dispose(): void {
    this.#hooks[Symbol.dispose]();
    this.processes.dispose();
    this.systemCalls?.dispose();
  }

  forked(parent: Task, child: Task, from: number, to: number): boolean {
    const { execution, points } = this.#target;
    if (execution.inside) return false;
    points.inherit(from, to);
    this.systemCalls?.inherit(from, to);
    return execution.event(parent, { kind: 'fork', child: child.pid, process: to });
  }

  /**
   * Whatever the debugger had in the program before, it takes for gone: with the text that it was written over. The
   * program has no file, only a name, in brackets as ps has it: gdb looks for the last part of a path on its own
   * machine, and would read the names of another program there.
   */
  execed(task: Task, process: number): void {
    const { execution, points } = this.#target;
    if (execution.inside) return;
    points.forget(process);
    execution.event(task, { kind: 'exec', path: `[${task.comm}]` });
  }

  ended(task: Task, process: number): void {
    this.#forget(process);
    this.#target.execution.processEnded(task, process);
  }

  detached(process: number): void {
    this.#forget(process);
    this.signals.forget((task) => !this.processes.has(task));
    this.#target.execution.detached();
  }

  #forget(process: number): void {
    this.#target.points.forget(process);
    this.systemCalls?.catch(undefined, process);
  }
}
