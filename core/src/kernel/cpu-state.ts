import type { Cpu, SoftwareTrap } from '../hardware/index.js';
import type { ExceptionInProgress } from './die-chain.js';
import type { ExecutionContext } from './interrupts/execution-context.js';
import type { HandlerCode } from './interrupts/handler-code.js';
import { HandlerStack } from './interrupts/handler-stack.js';
import { RunQueue } from './run-queue.js';
import type { RescheduleReason } from './scheduling/reschedule-reason.js';
import type { KernelTask } from './task.js';
import { IrqWork } from './work.js';

/** What the kernel keeps of one CPU (Linux: its per-cpu variables, struct rq among them). */
export class CpuState {
  readonly cpu: Cpu;
  /** The task that runs there; `undefined` while it idles. */
  current: KernelTask | undefined;
  readonly queue = new RunQueue();
  /** Why the current task has to make room as soon as it can; `undefined`: it has not. */
  reschedule: RescheduleReason | undefined;
  /** In the middle of a context switch: nothing runs there until it is over, and the CPU stays. */
  switching = false;
  /** It has no power for the time of a suspend: its tasks wait for it. */
  asleep = false;
  /** The exception in which it is stopped. */
  suspended: ExceptionInProgress | undefined;
  /** A software trap that came while it was being stopped: it is next. */
  deferred: SoftwareTrap | undefined;
  readonly irqWork = new IrqWork();
  /** The interrupt handlers that it is in. */
  readonly handlers: HandlerStack;
  /** What interrupts have left for when it is in none. */
  readonly softirqs: HandlerCode[] = [];
  /** What is to be entered as soon as the program here has handed over. */
  readonly urgent: (() => void)[] = [];
  /** What a function is called for that is part of an interrupt. */
  #within: ExecutionContext | undefined;
  /**
   * An exception in a debug shadow has left its task something to do before the instruction that it came instead of.
   */
  called = false;

  constructor(cpu: Cpu) {
    this.cpu = cpu;
    this.handlers = new HandlerStack(cpu);
  }

  /** What the CPU executes for. */
  get context(): ExecutionContext {
    return this.#within ?? this.beneath;
  }

  /** The same without regard to a function that is part of an interrupt. */
  get beneath(): ExecutionContext {
    return this.handlers.top?.kind ?? (this.current === undefined ? 'idle' : 'task');
  }

  /** Calls a function that is part of an interrupt of this kind. */
  during(kind: ExecutionContext, action: () => void): void {
    const within = this.enter(kind);
    try {
      action();
    } finally {
      this.backTo(within);
    }
  }

  /** A part of an interrupt of this kind begins, on the stack of calls. Returns what it is {@link backTo} then. */
  enter(kind: ExecutionContext): ExecutionContext | undefined {
    const within = this.#within;
    this.#within = kind;
    return within;
  }

  backTo(within: ExecutionContext | undefined): void {
    this.#within = within;
  }

  /** Signals and work that wait for the current task in a debug shadow; elsewhere nobody asks. */
  get due(): number {
    if (this.current === undefined || !this.cpu.shadowed) return 0;
    return this.current.pending.length + this.current.work.length;
  }

  /** An exception is over; `due`: what was {@link due} before it. */
  leave(due: number): void {
    if (this.due > due) this.called = true;
  }
}
