import type { Cpu, Hardware } from '../hardware/index.js';
import type { Departure } from './departure.js';
import type { DieChain, ExceptionInProgress, Suspension, SuspensionKeeper } from './die-chain.js';
import type { Gates } from './execution-gate.js';
import type { Frame } from './frame.js';
import { QUANTUM, type RunResult } from './machine-options.js';
import type { ProcessTable } from './process-table.js';
import type { SignalDelivery } from './signal-delivery.js';
import type { KernelTask } from './task.js';
import type { TaskScheduler } from './task-scheduler.js';

/** What the loop drives. */
export interface RunLoopParts {
  readonly hardware: Hardware;
  readonly scheduler: TaskScheduler;
  readonly processes: ProcessTable;
  readonly signals: SignalDelivery;
  readonly gates: Gates;
  /** Instructions that a CPU executes before the next has its turn. */
  readonly quantum: number | undefined;
  /** The chain that stops exceptions in here, and goes on with them. */
  dieChain(): DieChain;
}

type Halt = Omit<RunResult, 'instructions'>;

const isDone = ({ program }: Frame): boolean => program.state === 'done';
/**
 * Exceptions that one instruction may raise, one after the other, before its CPU's turn ends: it will perhaps never
 * retire.
 */
const MOST_FAULTS = 1000;
/** Turns on end that nobody uses, before the run ends: an alarm that is set in its own handler to now never leaves. */
const MOST_IDLE = 1000;
const PASSED_OVER = 'not everybody was let execute who was next';

/**
 * Lets the CPUs execute, in turns. A turn, like the clocks, counts retired instructions and nothing else: how often
 * somebody looks, and into how many calls a run is cut, changes nothing.
 */
export class RunLoop implements SuspensionKeeper {
  readonly #parts: RunLoopParts;
  readonly #quantum: number;
  #turn = 0;
  /** Instructions left of the current CPU's turn: kept over calls. */
  #turnLeft: number;
  /** What wanted the CPU behind its latest slice was kept from it: it comes before anything else. */
  #unattended = false;
  /** The program of the latest slice came to its end in it. */
  #ended = false;
  /** Exceptions of the latest slice that were taken instead of an instruction. */
  #faults = 0;
  /** Slices on end in which nothing retired. */
  #stuck = 0;
  #stop: Halt | undefined;
  /** Reported before {@link #stop}, which then ends the next run. */
  #suspension: Halt | undefined;
  #departure: Departure | undefined;

  constructor(parts: RunLoopParts) {
    this.#parts = parts;
    this.#quantum = parts.quantum ?? QUANTUM;
    this.#turnLeft = this.#quantum;
  }

  /** Where the run left its schedule; `undefined`: it has not. */
  get departure(): Departure | undefined {
    return this.#departure;
  }

  /** Whose instruction is the next one, unless an interrupt or a handler decides otherwise; `undefined`: nobody's. */
  get next(): { readonly cpu: Cpu; readonly task: KernelTask } | undefined {
    const { hardware, scheduler } = this.#parts;
    const { cpus } = hardware;
    const first = this.#isTurnOver ? this.#turn + 1 : this.#turn;
    for (let i = 0; i < cpus.length; i++) {
      const cpu = cpus[(first + i) % cpus.length] as Cpu;
      const task = this.#isAdmitted(cpu) ? scheduler.due(cpu) : undefined;
      if (task !== undefined) return { cpu, task };
    }
    return undefined;
  }

  /** Somebody changed what is going to happen. The first time counts. */
  depart(cause: string): void {
    this.#departure ??= Object.freeze({ count: this.#parts.hardware.retired, cause });
  }

  /** See `machine.run`. */
  run(budget: number): RunResult {
    const { cpus } = this.#parts.hardware;
    const { scheduler } = this.#parts;
    if (this.#halting) return this.#stopped(0);
    this.#goOn();
    if (this.#halting) return this.#stopped(0);
    scheduler.takePassedOver();
    let left = budget;
    let instructions = 0;
    let idle = 0;
    // A turn that nobody uses is passed on; where nobody can run at all it stays where it is.
    let from = this.#place;
    while (left > 0) {
      const cpu = cpus[this.#turn] as Cpu;
      if (this.#unattended || this.#isCalled(cpu)) {
        // First what came behind the latest slice, then what that has left.
        this.#unattended = this.#unattended && !this.#attend(cpu);
        this.#attend(cpu);
        if (this.#halting) return this.#stopped(instructions);
      }
      if (this.#isTurnOver || !this.#canRun(cpu)) {
        if (idle === 0) from = this.#place;
        if (this.#unattended) scheduler.passOver();
        if (++idle > cpus.length && (idle > MOST_IDLE || !cpus.some((other) => this.#hasWork(other)))) {
          this.#turn = from.turn;
          this.#turnLeft = from.left;
          this.#unattended = from.unattended;
          return { reason: this.#whyIdle(), instructions };
        }
        this.#nextTurn();
        continue;
      }
      idle = 0;
      if (scheduler.takePassedOver()) this.depart(PASSED_OVER);
      const ran = this.#slice(cpu, this.#limit(cpu, left));
      instructions += ran;
      left -= ran + this.#faults || (this.#ended ? 0 : 1);
      this.#count(cpu, ran);
      if (this.#halting) return this.#stopped(instructions);
    }
    return { reason: 'budget', instructions };
  }

  /** Makes the run return as soon as the instruction or exception in progress is over. The first reason counts. */
  stop(message: string, detail: unknown): void {
    this.#stop ??= detail === undefined ? { reason: 'stopped', message } : { reason: 'stopped', message, detail };
    this.interrupt();
  }

  /** An exception handler suspended. */
  suspend(exception: ExceptionInProgress, { reason: message, detail }: Suspension): void {
    const { cpu } = exception.record;
    this.#parts.scheduler.of(cpu).suspended = exception;
    cpu.attention = true;
    this.#suspension = { reason: 'suspended', message, cpu: cpu.index, ...(detail === undefined ? {} : { detail }) };
    this.interrupt();
  }

  /** Goes on with the exceptions that were stopped. */
  #goOn(): void {
    const { scheduler, gates } = this.#parts;
    for (const state of scheduler.states) {
      const { cpu, suspended } = state;
      if (suspended === undefined || cpu.busy || !gates.cpu(cpu)) continue;
      state.suspended = undefined;
      const { due } = state;
      state.irqWork.enter();
      try {
        this.#parts.dieChain().resume(suspended);
      } finally {
        state.irqWork.leave();
        state.leave(due);
      }
      if (this.#halting) return;
    }
  }

  /** Whatever executes hands its CPU over: something has changed that decides who may. */
  interrupt(): void {
    for (const cpu of this.#parts.hardware.cpus) if (cpu.busy) cpu.attention = true;
  }

  /**
   * Between two instructions: alarms and interrupt lines, which reach idle CPUs too. False: there are some, and a gate
   * keeps them.
   */
  #attend(cpu: Cpu): boolean {
    if (!this.#isCalled(cpu)) return true;
    const { gates } = this.#parts;
    if (!gates.open && !gates.cpu(cpu)) return false;
    this.#parts.scheduler.stray();
    if (cpu.alarms.next <= cpu.clock.now) cpu.alarms.expire(cpu.clock.now);
    // Each line once: what a handler raises again, or a lower line, waits for the next opportunity.
    for (let line = cpu.interrupts.take(); line >= 0; line = this.#halting ? -1 : cpu.interrupts.take(line)) {
      cpu.traps.trap(cpu, { kind: 'interrupt', line });
    }
    return true;
  }

  /** An alarm or an interrupt wants a CPU that can take it. */
  #isCalled(cpu: Cpu): boolean {
    if (cpu.alarms.next > cpu.clock.now && !cpu.interrupts.pending) return false;
    return cpu.online && !cpu.busy && !cpu.shadowed;
  }

  /** A CPU can execute something, or can find that it has to. */
  #hasWork(cpu: Cpu): boolean {
    if (!this.#isAdmitted(cpu)) return false;
    const { scheduler } = this.#parts;
    const { switching, suspended } = scheduler.of(cpu);
    return this.#isCalled(cpu) || (!switching && suspended === undefined && scheduler.mayRun(cpu));
  }

  #isAdmitted(cpu: Cpu): boolean {
    const { gates } = this.#parts;
    return cpu.online && !cpu.busy && (gates.open || gates.cpu(cpu));
  }

  #canRun(cpu: Cpu): boolean {
    const { scheduler, gates } = this.#parts;
    const { switching, suspended } = scheduler.of(cpu);
    if (!cpu.online || cpu.busy || switching) return false;
    if (!gates.open && !gates.cpu(cpu)) {
      if (scheduler.wants(cpu) || this.#isCalled(cpu)) scheduler.passOver();
      return false;
    }
    return suspended === undefined && scheduler.ready(cpu);
  }

  #whyIdle(): 'starved' | 'held' | 'idle' {
    const { scheduler } = this.#parts;
    if (scheduler.takeStrayed()) this.depart(PASSED_OVER);
    scheduler.takePassedOver();
    if (this.#starving()) return 'starved';
    if (this.#parts.gates.open) return 'idle';
    for (const task of this.#parts.processes.tasks.values()) if (task.state === 'running') return 'held';
    return 'idle';
  }

  #starving(): boolean {
    for (const task of this.#parts.processes.tasks.values()) if (task.state === 'waiting') return true;
    return false;
  }

  /** Instructions of the next slice: of the budget and the turn, and none beyond the next alarm or a debug shadow. */
  #limit(cpu: Cpu, left: number): number {
    if (cpu.shadowed) return 1;
    // A line that is raised again, or behind a shadow, is taken after the next instruction.
    const most = cpu.interrupts.pending ? 1 : Math.min(left, this.#turnLeft);
    const { next } = cpu.alarms;
    return next === Number.POSITIVE_INFINITY ? most : Math.min(most, cpu.clock.until(next));
  }

  #count(cpu: Cpu, ran: number): void {
    this.#turnLeft -= ran;
    this.#stuck = ran > 0 || this.#ended ? 0 : this.#stuck + 1;
    this.#unattended = !this.#attend(cpu);
  }

  /** Whose turn it is, and how much of it is left. */
  get #place(): { readonly turn: number; readonly left: number; readonly unattended: boolean } {
    return { turn: this.#turn, left: this.#turnLeft, unattended: this.#unattended };
  }

  get #isTurnOver(): boolean {
    return this.#turnLeft <= 0 || this.#stuck >= MOST_FAULTS;
  }

  #nextTurn(): void {
    this.#turn = (this.#turn + 1) % this.#parts.hardware.cpus.length;
    this.#turnLeft = this.#quantum;
    this.#stuck = 0;
    this.#unattended = false;
  }

  get #halting(): boolean {
    return this.#stop !== undefined || this.#suspension !== undefined;
  }

  #stopped(instructions: number): RunResult {
    const suspension = this.#suspension;
    this.#suspension = undefined;
    if (suspension !== undefined) return { ...suspension, instructions };
    const stop = this.#stop as Halt;
    this.#stop = undefined;
    return { ...stop, instructions };
  }

  /** Lets the current task of a CPU execute up to `limit` instructions; returns how many retired. */
  #slice(cpu: Cpu, limit: number): number {
    const { processes, signals, scheduler } = this.#parts;
    const state = scheduler.of(cpu);
    const task = state.current as KernelTask;
    this.#ended = false;
    this.#faults = 0;
    // Nothing comes before the instruction behind a debug shadow but what an exception there has left to do.
    const mayDo = !cpu.shadowed || state.called;
    state.called = false;
    if (mayDo && task.context.mode === 'user') {
      for (let work = task.work.pop(); work !== undefined; work = task.work.pop()) work.perform();
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
    cpu.beginRun();
    let retired = 0;
    try {
      retired = frame.program.run(cpu, limit);
    } finally {
      cpu.endRun(retired);
    }
    this.#faults = cpu.faults;
    task.instructions += retired;
    this.#ended = isDone(frame);
    // A task that was stopped inside a system call returns from it when it goes on, in the way that its debugger then
    // wants.
    if (this.#ended && task.state !== 'stopped') this.#finish(cpu, task, frame);
    // What it has just called, a system call or a handler, has something to do even so.
    else if (frame.program.state === 'starved' && task.state === 'running' && task.stack.at(-1) === frame)
      task.state = 'waiting';
    return retired;
  }

  /** A program is done: what it interrupted goes on, in its own way. */
  #finish(cpu: Cpu, task: KernelTask, frame: Frame): void {
    const at = task.stack.indexOf(frame);
    if (at < 0) return;
    task.stack.splice(at, 1);
    if (frame.interrupted !== undefined) frame.kind.end(cpu, task, frame.interrupted);
  }
}
