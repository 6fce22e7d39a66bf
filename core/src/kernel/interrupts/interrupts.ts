import { checkOptions, FLAG, FUNCTION, type Kind, requireKind, wholeNumber } from '../../errors/index.js';
import { type Context, type Cpu, type Hardware, NON_MASKABLE } from '../../hardware/index.js';
import { begin, type Program } from '../../programs/index.js';
import type { CpuState } from '../cpu-state.js';
import type { ErrorChannel } from '../error-channel.js';
import type { HookList } from '../hooks.js';
import { kernelTask, type Task } from '../task.js';
import type { TaskScheduler } from '../task-scheduler.js';
import type { WaitHost } from '../waits/index.js';
import { Calls, type IpiCall } from './calls.js';
import type { ExecutionContext } from './execution-context.js';
import {
  type CallOptions,
  checkCode,
  HANDLER,
  type HandlerCode,
  type Interrupted,
  type IrqHandler,
} from './handler-code.js';
import { HandlerFrame, type HandlerKind } from './handler-frame.js';
import { IrqHandlers } from './irq-handlers.js';
import { IPI_LINE, IrqLines } from './irq-lines.js';

/** What interrupts need of the machine. */
export interface InterruptsParts {
  readonly hardware: Hardware;
  readonly scheduler: TaskScheduler;
  readonly errors: ErrorChannel;
  readonly waits: WaitHost;
}

/** Of what is done on top of everything but a non-maskable interrupt. */
const ABOVE_LINES = Number.MAX_SAFE_INTEGER;
/** Of what lines leave for later: every line interrupts it. */
const SOFT = Number.MIN_SAFE_INTEGER;
const PRIORITY: Kind = wholeNumber(-(2 ** 31), 2 ** 31 - 1);

/**
 * Interrupts of a machine: who handles which line, which comes first, and what every CPU is in the middle of. They are
 * taken between two instructions, by idle CPUs too, never in a debug shadow, and in a handler only if the line has a
 * higher priority. Handlers execute on a stack of their CPU's own, with registers of their own; the task that they
 * have interrupted stays the current one.
 */
export class Interrupts {
  readonly #parts: InterruptsParts;
  readonly #lines: IrqLines;
  readonly #handlers = new IrqHandlers();
  #nmiHandlers: readonly HandlerCode[] = [];
  readonly #calls: Calls;

  /** Use `machine.interrupts`. */
  constructor(parts: InterruptsParts) {
    this.#parts = parts;
    this.#lines = new IrqLines(parts.hardware.cpus);
    this.#calls = new Calls(parts);
  }

  // --- lines ---

  /** A device raises a line, 0 to 62: of this CPU, or of the one that the line's affinity gives. */
  raise(line: number, cpu?: Cpu): void {
    this.#lines.check(line);
    const target = cpu === undefined ? this.#lines.target(line) : this.#parts.scheduler.known(cpu).cpu;
    target.interrupts.raise(line);
  }

  /** Takes a line back that no CPU has taken yet. */
  lower(line: number): void {
    this.#lines.check(line);
    for (const cpu of this.#parts.hardware.cpus) cpu.interrupts.lower(line);
  }

  /** Keeps a line from interrupting anybody; it stays raised meanwhile. Counted: as often {@link unmask}. */
  mask(line: number): void {
    this.#lines.check(line);
    this.#lines.of(line).masks++;
  }

  /** Throws a TypeError for a line that is not masked. */
  unmask(line: number): void {
    this.#lines.check(line);
    const known = this.#lines.of(line);
    if (known.masks === 0) throw new TypeError(`line ${line} is not masked`);
    if (--known.masks > 0) return;
    for (const { interrupts } of this.#parts.hardware.cpus) if (interrupts.isRaised(line)) interrupts.raise(line);
  }

  isMasked(line: number): boolean {
    this.#lines.check(line);
    return this.#lines.isMasked(line);
  }

  /**
   * Of lines that are raised the one of the highest priority comes first, then the lowest number. A whole number of 32
   * bits, default 0.
   */
  setPriority(line: number, priority: number): void {
    this.#lines.check(line);
    requireKind('priority', priority, PRIORITY);
    this.#lines.of(line).priority = priority;
  }

  /**
   * Who is interrupted by a line that {@link raise} gets no CPU for: the lowest that is online. `undefined`: anybody.
   */
  setAffinity(line: number, cpus: Iterable<number> | undefined): void {
    this.#lines.check(line);
    this.#lines.setAffinity(line, cpus);
  }

  /**
   * Handles a line from now on; of several handlers each has its turn, in the order in which they came (a shared
   * line). Returns the function that ends it: one that is executing comes to its end.
   */
  handle(line: number, handler: IrqHandler): () => void {
    this.#lines.check(line);
    checkOptions('an interrupt handler', handler, { ...HANDLER, irqsOff: FLAG });
    checkCode(handler);
    return this.#handlers.add(line, handler);
  }

  /** Called when a line has got a handler: what has waited for one can interrupt again. */
  get handled(): Pick<HookList<[line: number]>, 'add'> {
    return this.#handlers.added;
  }

  /** Who handles a line, by name. */
  handlersOf(line: number): readonly string[] {
    return this.#handlers.of(line).map(({ name }) => name);
  }

  /** Handles non-maskable interrupts, behind the hook `nmi`; debug registers are as the architecture has them there. */
  handleNonMaskable(handler: HandlerCode): () => void {
    checkOptions('a handler of NMIs', handler, HANDLER);
    checkCode(handler);
    const entry = Object.freeze({ ...handler });
    this.#nmiHandlers = [...this.#nmiHandlers, entry];
    return () => {
      this.#nmiHandlers = this.#nmiHandlers.filter((other) => other !== entry);
    };
  }

  // --- what a CPU is to do ---

  /** Does something on a CPU on top of all that it is in, as the handler of a timer does. */
  run(cpu: Cpu, code: HandlerCode): void {
    checkOptions('what is run', code, HANDLER);
    checkCode(code);
    const state = this.#parts.scheduler.known(cpu);
    const enter = (): void => void this.#enter(state, 'hardirq', code, ABOVE_LINES, -1);
    if (!cpu.busy && !cpu.shadowed) {
      enter();
      return;
    }
    state.urgent.push(enter);
    cpu.interrupts.left = true;
  }

  /**
   * Leaves something for when the CPU is in no handler any more; any line interrupts it (Linux: softirq, tasklets).
   * First come first served.
   */
  softirq(cpu: Cpu, code: HandlerCode): void {
    checkOptions('a softirq', code, HANDLER);
    checkCode(code);
    this.#parts.scheduler.known(cpu).softirqs.push(code);
    cpu.interrupts.left = true;
  }

  /**
   * Has other CPUs do something (an inter-processor interrupt); the caller's own CPU may be one of them. Throws
   * ENODEV for a CPU that is offline: nobody does anything then.
   */
  call(cpus: Iterable<number>, options: CallOptions): IpiCall {
    checkOptions('a call', options, { ...HANDLER, done: FUNCTION });
    checkCode(options);
    return this.#calls.ask(cpus, options);
  }

  // --- what a CPU does ---

  /** What a CPU executes for. */
  contextOf(cpu: Cpu): ExecutionContext {
    return this.#parts.scheduler.known(cpu).context;
  }

  /** The same without regard to a function that is called at the moment: what that has interrupted. */
  beneath(cpu: Cpu): ExecutionContext {
    return this.#parts.scheduler.known(cpu).beneath;
  }

  /** The name of the handler that a CPU executes; `undefined`: none. */
  handlerOf(cpu: Cpu): string | undefined {
    return this.#parts.scheduler.known(cpu).handlers.top?.name;
  }

  /** True where a CPU takes no interrupt but a non-maskable one. */
  irqsOff(cpu: Cpu): boolean {
    return this.#parts.scheduler.known(cpu).cpu.context.irqsOff;
  }

  /** The registers of a task; while a handler has interrupted it on its CPU, that one's: what executes there. */
  registersOf(task: Task): Context {
    if (!task.onCpu) return task.context;
    return this.#parts.scheduler.states[task.cpu]?.handlers.top?.context ?? task.context;
  }

  /** Those of the handler that a CPU executes; `undefined`: none. */
  handlerRegisters(cpu: Cpu): Context | undefined {
    return this.#parts.scheduler.known(cpu).handlers.top?.context;
  }

  /** Instructions that a task has retired, and handlers that have come in the middle of it. */
  instructionsWith(task: Task): number {
    return task.instructions + kernelTask(task).interrupted;
  }

  // --- for the kernel's own loop ---

  /** A CPU would take something that has nothing to do with time. */
  isCalled(state: CpuState): boolean {
    const { cpu, handlers, softirqs, urgent } = state;
    const { interrupts } = cpu;
    if (urgent.length > 0) return true;
    if (interrupts.nonMaskable && !handlers.has('nmi')) return true;
    if (cpu.context.irqsOff) return false;
    return this.#lines.next(cpu, handlers.priority, -1) >= 0 || (softirqs.length > 0 && handlers.depth === 0);
  }

  /** Takes what has come; `isOver`: the run is to end. `trap`: where the hardware brings it. */
  take(state: CpuState, isOver: () => boolean): void {
    const { cpu, handlers, urgent } = state;
    for (let enter = urgent.shift(); enter !== undefined; enter = urgent.shift()) enter();
    if (!handlers.has('nmi') && cpu.interrupts.takeNonMaskable()) cpu.traps.trap(cpu, NON_MASKABLE);
    // Each line once: what a handler raises again, or a lower line, waits for the next opportunity.
    let after = -1;
    while (!isOver() && !cpu.context.irqsOff) {
      const line = this.#lines.next(cpu, handlers.priority, after);
      if (line < 0) break;
      cpu.interrupts.lower(line);
      after = line;
      cpu.traps.trap(cpu, { kind: 'interrupt', line });
    }
    while (!isOver() && handlers.depth === 0 && !cpu.context.irqsOff) {
      const code = state.softirqs.shift();
      if (code === undefined) break;
      this.#enter(state, 'softirq', code, SOFT, -1);
    }
    if (cpu.interrupts.left) cpu.interrupts.left = state.softirqs.length + urgent.length > 0;
  }

  /** A line that a CPU has taken: its handlers. */
  interrupted(state: CpuState, line: number): void {
    if (line === IPI_LINE) this.#called(state);
    else this.#next(state, this.#handlers.of(line), line, 0);
  }

  /** Handlers of non-maskable interrupts; `end`: the way out of it, once they have come to their end. */
  nonMaskable(state: CpuState, end: () => void): void {
    const { cpu } = state;
    const programs: HandlerCode[] = [];
    for (const code of this.#nmiHandlers) {
      if (code.program !== undefined) programs.push(code);
      else this.#enter(state, 'nmi', code, Number.POSITIVE_INFINITY, -1);
    }
    const next = (): void => {
      const code = programs.shift();
      if (code === undefined) end();
      else if (!this.#enter(state, 'nmi', code, Number.POSITIVE_INFINITY, -1, next)) next();
    };
    next();
    cpu.attention = true;
  }

  /** Why no image can be made: what a CPU has yet to do is functions, which nobody can write. */
  get unwritable(): string | undefined {
    const called = this.#calls.first;
    if (called !== undefined) return `CPU ${called} is yet to do what another one has asked of it`;
    const busy = this.#parts.scheduler.states.find(({ softirqs }) => softirqs.length > 0);
    return busy && `CPU ${busy.cpu.index} is yet to do what interrupts have left for it`;
  }

  /** For images: priorities, masks and affinities of lines. Handlers come with whoever is composed. */
  get image(): Pick<IrqLines, 'save' | 'restore'> {
    return this.#lines;
  }

  /** What is on top of a CPU has come to its end, or is not to go on. */
  leave(state: CpuState): void {
    state.handlers.pop(state.current?.context ?? state.cpu.idle);
  }

  /** A CPU goes: whoever has called it does not wait for it, and what it has left for later another one does. */
  gone(cpu: Cpu): void {
    this.#calls.gone(cpu);
    const { softirqs } = this.#parts.scheduler.of(cpu);
    const [heir] = this.#parts.hardware.online;
    if (heir !== undefined) for (const code of softirqs.splice(0)) this.softirq(heir, code);
  }

  /** The next call of a CPU; the others come when that one has come to its end. */
  #called(state: CpuState): void {
    const { cpu } = state;
    const next = this.#calls.take(cpu);
    if (next === undefined) return;
    const finish = (): void => next.call.finish(cpu.index);
    if (!this.#enter(state, 'hardirq', next.options, ABOVE_LINES, IPI_LINE, finish)) finish();
    if (this.#calls.waits(cpu)) cpu.interrupts.raise(IPI_LINE);
  }

  #next(state: CpuState, handlers: readonly IrqHandler[], line: number, at: number): void {
    for (let i = at; i < handlers.length; i++) {
      const handler = handlers[i] as IrqHandler;
      const others = i + 1 === handlers.length ? undefined : () => this.#next(state, handlers, line, i + 1);
      if (this.#enter(state, 'hardirq', handler, this.#lines.priority(line), line, others)) return;
    }
  }

  /** True: a program has been entered, and `end` is called when it has come to its end. */
  #enter(
    state: CpuState,
    kind: HandlerKind,
    code: IrqHandler,
    priority: number,
    line: number,
    end?: () => void,
  ): boolean {
    const { cpu } = state;
    const made = this.#begin(state, kind, code, { cpu, line });
    if (made === undefined) return false;
    state.handlers.push(
      new HandlerFrame(kind, code.name, priority, made, code.irqsOff === true || kind === 'nmi', end),
    );
    return true;
  }

  /** Calls a function, or makes the program. What it throws is reported. */
  #begin(state: CpuState, kind: HandlerKind, code: HandlerCode, at: Interrupted): Program | undefined {
    const within = state.enter(kind);
    try {
      if (code.program !== undefined) return begin(code.program, 'its program', at);
      code.action?.(at);
    } catch (error) {
      this.#parts.errors.report(error, `the ${kind} handler ${code.name}`, undefined, at.cpu);
    } finally {
      state.backTo(within);
    }
    return undefined;
  }
}
