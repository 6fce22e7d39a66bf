import { coreError } from '../errors/index.js';
import {
  type Cpu,
  type CpuRun,
  NOBODY,
  type SavedContext,
  type Translation,
  type Trap,
  type TrapHandler,
} from '../hardware/index.js';
import { begin, type ProgramFactory } from '../programs/index.js';
import type { Frame, FrameKind } from './frame.js';
import type { HookList } from './hooks.js';
import type { Interrupts } from './interrupts/index.js';
import type { ArchTrap, ExceptionEntry } from './machine-options.js';
import type { SystemCalls } from './system-calls/index.js';
import { isTask, type KernelTask, type Task } from './task.js';
import type { TaskScheduler } from './task-scheduler.js';

/** What the trap door of a kernel leads to. */
export interface TrapsParts {
  readonly scheduler: TaskScheduler;
  /** Called for an interrupt, by line. */
  readonly interrupt: HookList<[cpu: Cpu, line: number]>;
  /** Called for a system call. */
  readonly systemCall: HookList<[task: Task, event: 'entry' | 'exit']>;
  /** Calls by number. */
  readonly systemCalls: SystemCalls;
  /** Called for a non-maskable interrupt. */
  readonly nmi: HookList<[cpu: Cpu]>;
  /** Who handles interrupts. */
  interrupts(): Interrupts;
  /** The architecture's entry code. */
  entry(): ExceptionEntry;
  /** See {@link TrapHandler.run}. */
  run(cpu: Cpu, budget: number): CpuRun;
}

/** What a system call does that somebody else emulates. */
const NOTHING: ProgramFactory = () => ({ state: 'done', run: () => 0 });

/** Such a call: whoever emulates it has changed what there was to change. */
const EMULATED_CALL: FrameKind = Object.freeze({
  name: 'emulated system call',
  end: (_cpu: Cpu, { context }: Task, { pcHi, pcLo, mode, singleStep }: SavedContext) => {
    Object.assign(context, { pcHi, pcLo, mode, singleStep });
  },
});

/** The kernel's side of the trap door: sorts what happened to whoever has to deal with it. */
export class Traps implements TrapHandler {
  readonly #parts: TrapsParts;
  /** What a system call's program is on a task's stack. */
  readonly systemCall: FrameKind;

  constructor(parts: TrapsParts) {
    this.#parts = parts;
    this.systemCall = Object.freeze({
      name: 'system call',
      end: (cpu: Cpu, task: KernelTask, interrupted: NonNullable<Frame['interrupted']>) => {
        const { context } = task;
        // It may have changed general registers: only the way back is restored.
        context.pcHi = interrupted.pcHi;
        context.pcLo = interrupted.pcLo;
        context.mode = interrupted.mode;
        context.singleStep = interrupted.singleStep;
        context.stepDue = interrupted.stepDue ?? false;
        context.irqsOff = interrupted.irqsOff ?? false;
        parts.entry().systemCallExit(cpu, task, interrupted.singleStep);
        // A step that ends here is told as one.
        if (!interrupted.singleStep && task.tracer?.systemCallExit?.(task) === 'stop') parts.scheduler.halt(task);
        parts.systemCall.call(task, 'exit');
      },
    });
  }

  /** The trap doors of these CPUs lead here from now on, and addresses are this kernel's. */
  take(cpus: readonly Cpu[], translation: Translation): void {
    for (const cpu of cpus) {
      cpu.traps = this;
      cpu.load(cpu.idle);
      cpu.mmu.load(translation);
    }
  }

  /** Nobody's any more, unless they are somebody else's already. */
  letGo(cpus: readonly Cpu[]): void {
    for (const cpu of cpus) if (cpu.traps === this) cpu.traps = NOBODY;
  }

  trap(cpu: Cpu, trap: Trap): void {
    switch (trap.kind) {
      case 'syscall':
        this.#enterKernel(cpu, trap.call);
        break;
      case 'interrupt':
        this.#interrupted(cpu, trap.line);
        break;
      case 'nmi':
        this.#nonMaskable(cpu);
        break;
      case 'debug':
        this.#debug(cpu, trap);
        break;
      default:
        this.#enter(cpu, trap);
    }
  }

  #enter(cpu: Cpu, trap: ArchTrap): void {
    const state = this.#parts.scheduler.of(cpu);
    const { due } = state;
    if (trap.kind === 'software' && state.suspended !== undefined) {
      state.deferred = trap;
      return;
    }
    try {
      this.#parts.entry().trap(cpu, trap);
    } finally {
      state.leave(due);
    }
  }

  /**
   * Whatever the kernel that has lost the CPU still does, its end included, no longer reaches the registers: the next
   * one gets them as they are.
   */
  giveUp(cpu: Cpu): () => void {
    return this.#parts.entry().mute?.(cpu, false) ?? (() => {});
  }

  run(cpu: Cpu, budget: number): CpuRun {
    return this.#parts.run(cpu, budget);
  }

  /** False with interrupts off, and in an interrupt handler. */
  takesInterrupts(cpu: Cpu): boolean {
    return !cpu.context.irqsOff && this.#parts.scheduler.of(cpu).handlers.depth === 0;
  }

  #interrupted(cpu: Cpu, line: number): void {
    const state = this.#parts.scheduler.of(cpu);
    const { interrupt } = this.#parts;
    if (interrupt.size > 0) state.during('hardirq', () => interrupt.call(cpu, line));
    this.#parts.interrupts().interrupted(state, line);
  }

  /**
   * Handlers that are programs keep the CPU muted, where the architecture mutes it, until they have come to their end.
   */
  #nonMaskable(cpu: Cpu): void {
    const entry = this.#parts.entry();
    const state = this.#parts.scheduler.of(cpu);
    const handlers = (): void => {
      state.during('nmi', () => this.#parts.nmi.call(cpu));
      const unmute = entry.nonMaskable === undefined ? undefined : entry.mute?.(cpu);
      this.#parts.interrupts().nonMaskable(state, () => unmute?.());
    };
    state.irqWork.during(() => {
      if (entry.nonMaskable === undefined) handlers();
      else entry.nonMaskable(cpu, handlers);
    });
  }

  #debug(cpu: Cpu, trap: Extract<Trap, { kind: 'debug' }>): void {
    const { irqWork } = this.#parts.scheduler.of(cpu);
    irqWork.enter();
    try {
      this.#enter(cpu, trap);
    } finally {
      irqWork.leave();
    }
  }

  #enterKernel(cpu: Cpu, call: unknown): void {
    const { current, handlers } = this.#parts.scheduler.of(cpu);
    // The current task is the one that was interrupted: nothing of it may change.
    if (handlers.depth > 0) {
      const message = `CPU ${cpu.index} executes an interrupt handler, which makes no system call; leave it to a task`;
      throw coreError('SYSTEM_CALL_WITHOUT_TASK', message, { cpu: cpu.index });
    }
    if (!isTask(current)) return;
    this.#parts.entry().systemCallEntry?.(cpu, current);
    const how = current.tracer?.systemCallEntry?.(current) ?? 'go';
    const { context } = current;
    const numbered = this.#parts.systemCalls.enter(cpu, current, call, this.systemCall);
    const interrupted = context.save();
    if (how === 'emulate')
      current.stack.push({ program: begin(NOTHING, 'an emulated call'), interrupted, kind: EMULATED_CALL });
    else if (numbered !== undefined) current.stack.push({ ...numbered, interrupted });
    else {
      const program = begin(call, "an instruction's syscall", { task: current, cpu });
      current.stack.push({ program, interrupted, kind: this.systemCall });
    }
    context.mode = 'kernel';
    context.singleStep = false;
    context.stepDue = false;
    if (how !== 'go') this.#parts.scheduler.halt(current);
    this.#parts.systemCall.call(current, 'entry');
  }
}
