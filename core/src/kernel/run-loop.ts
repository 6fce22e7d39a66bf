import type { Cpu } from '../hardware/cpu.js';
import type { Suspension } from './die-chain.js';
import type { ExecutionGate } from './execution-gate.js';
import type { ExceptionEntry, RunResult } from './machine-options.js';
import type { ProcessTable } from './process-table.js';
import type { SignalDelivery } from './signal-delivery.js';
import type { Frame, Task } from './task.js';
import type { TaskScheduler } from './task-scheduler.js';

/** What the loop drives. */
export interface RunLoopParts {
  readonly cpus: readonly Cpu[];
  readonly scheduler: TaskScheduler;
  readonly processes: ProcessTable;
  readonly signals: SignalDelivery;
  /** Instructions that a CPU executes before the next has its turn. */
  readonly quantum: number;
  entry(): ExceptionEntry;
  gate(): ExecutionGate | undefined;
}

const isDone = ({ program }: Frame): boolean => program.state === 'done';

/** Lets the CPUs execute, in turns. */
export class RunLoop {
  readonly #parts: RunLoopParts;
  #turn = 0;
  /** Instructions left of the current CPU's turn: kept over calls, so that slicing a run changes nothing. */
  #turnLeft: number;
  /** The program of the latest slice came to its end in it. */
  #ended = false;
  #stop: Omit<RunResult, 'instructions'> | undefined;
  /** Reported before {@link #stop}, which then ends the next run. */
  #suspension: Omit<RunResult, 'instructions'> | undefined;

  constructor(parts: RunLoopParts) {
    this.#parts = parts;
    this.#turnLeft = parts.quantum;
  }

  /** See `machine.run`. */
  run(budget: number): RunResult {
    const { cpus } = this.#parts;
    if (this.#halting) return this.#stopped(0);
    for (const cpu of cpus) {
      if (!cpu.suspended || cpu.busy || !this.#admits(cpu)) continue;
      cpu.continue();
      if (this.#halting) return this.#stopped(0);
    }
    let left = budget;
    let instructions = 0;
    let idle = 0;
    while (left > 0) {
      const cpu = cpus[this.#turn] as Cpu;
      const ran = this.#canRun(cpu) ? this.#slice(cpu, Math.min(left, this.#turnLeft)) : undefined;
      if (ran === undefined) {
        if (++idle > cpus.length) return { reason: this.#whyIdle(), instructions };
        this.#nextTurn();
        continue;
      }
      idle = 0;
      instructions += ran;
      const cost = ran + cpu.faults || (this.#ended ? 0 : 1);
      left -= cost;
      this.#turnLeft -= cost;
      if (this.#turnLeft <= 0) this.#nextTurn();
      if (this.#halting) return this.#stopped(instructions);
    }
    return { reason: 'budget', instructions };
  }

  /** Makes the run return as soon as the instruction or exception in progress is over. The first reason counts. */
  stop(message: string, detail: unknown): void {
    this.#stop ??= detail === undefined ? { reason: 'stopped', message } : { reason: 'stopped', message, detail };
    this.#interrupt();
  }

  /** An exception handler on `cpu` suspended. */
  suspended(cpu: Cpu, { reason: message, detail }: Suspension): void {
    this.#suspension = { reason: 'suspended', message, cpu: cpu.index, ...(detail === undefined ? {} : { detail }) };
    this.#interrupt();
  }

  #interrupt(): void {
    for (const cpu of this.#parts.cpus) if (cpu.busy) cpu.attention = true;
  }

  #canRun(cpu: Cpu): boolean {
    return (
      cpu.online &&
      !cpu.busy &&
      !cpu.switching &&
      !cpu.suspended &&
      this.#admits(cpu) &&
      this.#parts.scheduler.ready(cpu)
    );
  }

  #admits(cpu: Cpu): boolean {
    return this.#parts.gate()?.cpu(cpu) !== false;
  }

  #whyIdle(): 'starved' | 'held' | 'idle' {
    if (this.#starving()) return 'starved';
    if (this.#parts.gate() === undefined) return 'idle';
    for (const task of this.#parts.processes.tasks.values()) if (task.state === 'running') return 'held';
    return 'idle';
  }

  #starving(): boolean {
    for (const task of this.#parts.processes.tasks.values()) if (task.state === 'waiting') return true;
    return false;
  }

  /** Ticks come between turns, so that it makes no difference into how many calls of `run` a turn is cut. */
  #nextTurn(): void {
    const cpu = this.#parts.cpus[this.#turn] as Cpu;
    if (cpu.online && !cpu.busy) this.#parts.scheduler.timer(cpu);
    this.#turn = (this.#turn + 1) % this.#parts.cpus.length;
    this.#turnLeft = this.#parts.quantum;
  }

  get #halting(): boolean {
    return this.#stop !== undefined || this.#suspension !== undefined;
  }

  #stopped(instructions: number): RunResult {
    const suspension = this.#suspension;
    this.#suspension = undefined;
    if (suspension !== undefined) return { ...suspension, instructions };
    const stop = this.#stop as Omit<RunResult, 'instructions'>;
    this.#stop = undefined;
    return { ...stop, instructions };
  }

  /** Lets the current task of a CPU execute up to `limit` instructions; returns how many retired. */
  #slice(cpu: Cpu, limit: number): number {
    const { processes, signals } = this.#parts;
    const task = cpu.current as Task;
    cpu.beginRun();
    this.#ended = false;
    // Not in a debug shadow: nothing interrupts the instruction after it.
    if (task.context.mode === 'user' && !cpu.unit.pending) {
      while (task.work.length > 0) (task.work.pop() as () => void)();
      if (signals.isPending(task)) {
        signals.take(task);
        return 0;
      }
    }
    const frame = task.stack.at(-1);
    if (frame === undefined) {
      processes.exit(task, { code: 0 });
      return 0;
    }
    if (isDone(frame)) {
      this.#ended = true;
      this.#finish(cpu, task, frame);
      return 0;
    }
    cpu.busy = true;
    let retired: number;
    try {
      retired = frame.program.run(cpu, limit);
    } finally {
      cpu.busy = false;
    }
    cpu.account(retired);
    this.#ended = isDone(frame);
    // A task that was stopped inside a system call returns from it when it goes on, in the way that its debugger then wants.
    if (this.#ended && task.state !== 'stopped') this.#finish(cpu, task, frame);
    // What it has just called, a system call or a handler, has something to do even so.
    else if (frame.program.state === 'starved' && task.state === 'running' && task.stack.at(-1) === frame)
      task.state = 'waiting';
    return retired;
  }

  /** A program is done: what it interrupted goes on. */
  #finish(cpu: Cpu, task: Task, frame: Frame): void {
    const at = task.stack.indexOf(frame);
    if (at < 0) return;
    task.stack.splice(at, 1);
    const { interrupted, kind } = frame;
    if (interrupted === undefined) return;
    const { context } = task;
    if (kind === 'signal') {
      context.restore(interrupted);
      return;
    }
    // A system call may have changed general registers: only the way back is restored.
    context.pcHi = interrupted.pcHi;
    context.pcLo = interrupted.pcLo;
    context.mode = interrupted.mode;
    context.singleStep = interrupted.singleStep;
    this.#parts.entry().systemCallExit(cpu, task, interrupted.singleStep);
  }
}
