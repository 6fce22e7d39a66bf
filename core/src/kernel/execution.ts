import { coreError } from '../errors/index.js';
import { type Cpu, ValueError } from '../hardware/index.js';
import { InstructionError, type Program } from '../programs/index.js';
import type { CpuState } from './cpu-state.js';
import type { DieChain } from './die-chain.js';
import type { ErrorChannel } from './error-channel.js';
import type { Gates } from './execution-gate.js';
import type { Frame } from './frame.js';
import type { Halt } from './halt.js';
import type { HandlerFrame } from './interrupts/handler-frame.js';
import type { Interrupts } from './interrupts/index.js';
import type { ProcessTable } from './process-table.js';
import type { SignalDelivery } from './signal-delivery.js';
import type { KernelTask } from './task.js';
import type { TaskScheduler } from './task-scheduler.js';

/** What executing needs. */
export interface ExecutionParts {
  readonly scheduler: TaskScheduler;
  readonly processes: ProcessTable;
  readonly signals: SignalDelivery;
  readonly gates: Gates;
  readonly interrupts: Interrupts;
  readonly errors: ErrorChannel;
  readonly halt: Halt;
  /** The chain that stops exceptions in here, and goes on with them. */
  dieChain(): DieChain;
}

const isDone = ({ program }: { readonly program: Program }): boolean => program.state === 'done';
const isWaiting = ({ program: { state } }: { readonly program: Program }): boolean =>
  state === 'starved' || state === 'asleep';

const waitsInHandler = ({ index }: Cpu): Error =>
  coreError('WAIT_WITHOUT_TASK', `its program waits, which no handler can on CPU ${index}`, { cpu: index });

/** Whose program it was that has yielded what no CPU can execute. */
function ofTask(error: unknown, task: KernelTask): unknown {
  if (!(error instanceof InstructionError || error instanceof ValueError)) return error;
  const { message, stack } = error;
  error.message = `task ${task}: ${message}`;
  if (stack !== undefined) error.stack = stack.replace(message, () => error.message);
  return error;
}

/** What one CPU does when it is let: interrupts, the rest of an exception, a slice of what its task executes. */
export class Execution {
  readonly #parts: ExecutionParts;
  /** The program of the latest slice came to its end in it. */
  #ended = false;
  /** Exceptions of the latest slice that were taken instead of an instruction. */
  #faults = 0;
  /** The latest slice came to nothing: what its kernel did first has taken the CPU from it. */
  #absent = false;

  constructor(parts: ExecutionParts) {
    this.#parts = parts;
  }

  /** True if the program of the latest slice came to its end in it. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Exceptions of the latest slice that were taken instead of an instruction. */
  get faults(): number {
    return this.#faults;
  }

  /** What the latest slice, in which `ran` instructions retired, takes of a budget. */
  cost(ran: number): number {
    return ran + this.#faults || (this.#ended || this.#absent ? 0 : 1);
  }

  /** Goes on with the exception that a CPU is stopped in. */
  goOn(cpu: Cpu): void {
    const { scheduler, gates } = this.#parts;
    const state = scheduler.of(cpu);
    const { suspended } = state;
    if (suspended === undefined || cpu.busy || !gates.cpu(cpu)) return;
    state.suspended = undefined;
    const { due } = state;
    state.irqWork.enter();
    try {
      this.#parts.dieChain().resume(suspended);
    } finally {
      state.irqWork.leave();
      state.leave(due);
    }
    const { deferred } = state;
    if (deferred === undefined || state.suspended !== undefined) return;
    state.deferred = undefined;
    cpu.traps.trap(cpu, deferred);
  }

  /**
   * Between two instructions: alarms and interrupt lines, which reach idle CPUs too. False: there are some, and a gate
   * keeps them.
   */
  attend(cpu: Cpu): boolean {
    if (!this.isCalled(cpu)) return true;
    const { gates } = this.#parts;
    if (!gates.open && !gates.cpu(cpu)) return false;
    this.#parts.scheduler.stray();
    cpu.interrupted = cpu.visitor?.at;
    cpu.vacate();
    try {
      this.#attendTo(cpu);
    } finally {
      cpu.interrupted = undefined;
    }
    return true;
  }

  #attendTo(cpu: Cpu): void {
    const { scheduler, interrupts, halt } = this.#parts;
    const state = scheduler.of(cpu);
    if (this.#isTimeUp(state)) state.during('hardirq', () => cpu.alarms.expire(cpu.clock.now));
    interrupts.take(state, () => halt.pending);
  }

  /** An alarm or an interrupt wants a CPU that can take it. */
  isCalled(cpu: Cpu): boolean {
    if (cpu.alarms.next > cpu.clock.now && !cpu.interrupts.pending) return false;
    if (!cpu.online || cpu.busy || cpu.shadowed) return false;
    const state = this.#parts.scheduler.of(cpu);
    return this.#isTimeUp(state) || this.#parts.interrupts.isCalled(state);
  }

  /** An alarm has come that a CPU can be told of: not while interrupts are off, nor in a non-maskable one. */
  #isTimeUp({ cpu, handlers }: CpuState): boolean {
    return cpu.alarms.next <= cpu.clock.now && !cpu.context.irqsOff && !handlers.has('nmi');
  }

  /** Instructions of the next slice, of the `most` there are: none beyond the next alarm or a debug shadow. */
  limit(cpu: Cpu, most: number): number {
    if (cpu.shadowed) return 1;
    // A line that is raised again, or behind a shadow, is taken after the next instruction.
    const here = cpu.interrupts.pending && this.#isCalledHere(cpu) ? 1 : most;
    const { next } = cpu.alarms;
    return next === Number.POSITIVE_INFINITY || cpu.context.irqsOff ? here : Math.min(here, cpu.clock.until(next));
  }

  #isCalledHere(cpu: Cpu): boolean {
    return this.#parts.interrupts.isCalled(this.#parts.scheduler.of(cpu));
  }

  /** Lets the current task of a CPU execute up to `limit` instructions; returns how many retired. */
  slice(cpu: Cpu, limit: number): number {
    const { processes, signals, scheduler } = this.#parts;
    const state = scheduler.of(cpu);
    this.#ended = false;
    this.#faults = 0;
    this.#absent = false;
    const handler = state.handlers.top;
    if (handler !== undefined) return this.#handle(state, handler, limit);
    const task = state.current as KernelTask;
    // Nothing comes before the instruction behind a debug shadow but what an exception there has left to do.
    const mayDo = !cpu.shadowed || state.called;
    state.called = false;
    if (mayDo && task.context.mode === 'user') {
      for (let work = task.work.pop(); work !== undefined; work = task.work.pop()) work.perform();
      // Work may stop it, or the machine.
      if (task.state !== 'running' || this.#parts.halt.pending) return 0;
      if (signals.isPending(task)) {
        signals.take(task);
        return 0;
      }
      if (task.context.stepDue) {
        this.#takeDueStep(cpu, task);
        return 0;
      }
    }
    const frame = task.stack.at(-1);
    if (frame === undefined || task.exiting !== undefined) {
      processes.exit(task, { code: 0 });
      return 0;
    }
    if (isDone(frame)) {
      this.#ended = true;
      this.#finish(cpu, task, frame);
      return 0;
    }
    // A virtual CPU has left for what was done so far.
    this.#absent = !cpu.present;
    if (this.#absent) return 0;
    cpu.beginRun();
    let retired = 0;
    try {
      retired = frame.program.run(cpu, limit);
    } catch (error) {
      throw ofTask(error, task);
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
    else if (isWaiting(frame) && task.state === 'running' && task.stack.at(-1) === frame && !this.#isCalledFor(task)) {
      task.state = 'waiting';
    }
    return retired;
  }

  /** The exception of a step that is due before the next instruction: see `Context.stepDue`. */
  #takeDueStep(cpu: Cpu, { context }: KernelTask): void {
    const { pcHi, pcLo } = context;
    context.stepDue = false;
    cpu.begin(pcHi, pcLo);
    cpu.retire(pcHi, pcLo);
  }

  /** Lets an interrupt handler execute. What its program throws ends it, and goes to the kernel's error channel. */
  #handle(state: CpuState, handler: HandlerFrame, limit: number): number {
    const { interrupts, errors } = this.#parts;
    const { cpu } = state;
    this.#absent = !cpu.present;
    if (this.#absent) return 0;
    const { instructions } = cpu;
    if (!handler.ended && !isDone(handler)) {
      let ran = 0;
      cpu.beginRun();
      try {
        ran = handler.program.run(cpu, limit);
        if (isWaiting(handler)) throw waitsInHandler(cpu);
      } catch (error) {
        handler.ended = true;
        errors.report(error, `the ${handler.kind} handler ${handler.name}`, undefined, cpu);
      } finally {
        cpu.endRun(ran);
      }
      this.#faults = cpu.faults;
    }
    this.#ended = handler.ended || isDone(handler);
    const retired = cpu.instructions - instructions;
    if (state.current !== undefined) state.current.interrupted += retired;
    if (this.#ended) interrupts.leave(state);
    return retired;
  }

  /** A task that has a signal to take does not go to sleep (Linux: signal_pending). */
  #isCalledFor(task: KernelTask): boolean {
    return task.context.mode === 'user' && this.#parts.signals.isPending(task);
  }

  /** A program is done: what it interrupted goes on, in its own way. */
  #finish(cpu: Cpu, task: KernelTask, frame: Frame): void {
    const at = task.stack.indexOf(frame);
    if (at < 0) return;
    task.stack.splice(at, 1);
    if (frame.interrupted !== undefined) frame.kind.end(cpu, task, frame.interrupted);
  }
}
