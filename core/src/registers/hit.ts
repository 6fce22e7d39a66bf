import type { HwBreakpointAttr, Occupant } from '../arch/index.js';
import type { Cpu, Mode } from '../hardware/index.js';
import type { DieRecord, ExecutionContext, Suspension, Task } from '../kernel/index.js';
import type { Breakpoint } from './breakpoint.js';

/** Who is in a register, as a hit knows it; declared here, implemented by the breakpoints of this room. */
interface Viewed extends Occupant {
  readonly view: Breakpoint;
}

/** One hit, as a handler sees it. Registers are those of the moment: read what you need during the call. */
export class Hit {
  readonly breakpoint: Breakpoint;
  readonly record: DieRecord;
  readonly #all: readonly Occupant[];
  readonly #contextOf: (cpu: Cpu) => ExecutionContext;
  #suspension: Suspension | undefined;

  /** `all`: whatever the exception is about, this breakpoint included. `contextOf`: what a CPU executes for. */
  constructor(
    breakpoint: Breakpoint,
    record: DieRecord,
    all: readonly Occupant[],
    contextOf: (cpu: Cpu) => ExecutionContext,
  ) {
    this.breakpoint = breakpoint;
    this.record = record;
    this.#all = all;
    this.#contextOf = contextOf;
  }

  /**
   * Every breakpoint that the exception is about, in the order in which they are told: this one, and others that the
   * same instruction has hit, those of others included.
   */
  get together(): readonly Breakpoint[] {
    return this.#all.map((occupant) => (occupant as Viewed).view);
  }

  /** Set by {@link suspend}. */
  get suspension(): Suspension | undefined {
    return this.#suspension;
  }

  /**
   * What the CPU executed for: the task, or an interrupt that has come in the middle of it; `idle`: code of the
   * kernel's own that belongs to neither.
   */
  get context(): ExecutionContext {
    return this.#contextOf(this.record.cpu);
  }

  get cpu(): Cpu {
    return this.record.cpu;
  }

  /**
   * The task that was interrupted: for a CPU's breakpoint, any task, or `undefined` where the CPU ran code of its own.
   */
  get task(): Task | undefined {
    return this.record.task;
  }

  /** The mode in which it was interrupted. */
  get mode(): Mode {
    return this.record.cpu.context.mode;
  }

  /** Address of the instruction that made the access. */
  get pc(): bigint {
    return this.record.cpu.pc;
  }

  /**
   * The instruction pointer that the kernel sees: after a data hit that is reported afterwards, the next instruction's.
   */
  get ip(): bigint {
    return this.record.cpu.context.pc;
  }

  /** What the breakpoint watches: `bp_addr`, not the byte that was accessed. */
  get address(): bigint {
    return this.breakpoint.attr.bp_addr;
  }

  /**
   * Number of the instruction that made the access, counted over all CPUs from 1: says what came before what, where the
   * clocks of CPUs are not comparable.
   */
  get count(): number {
    const { cpu, exception } = this.record;
    return exception?.timing === 'before' ? cpu.retired + 1 : cpu.retired;
  }

  /** Stops the machine here, inside the exception; the next `machine.run` goes on with whoever else was hit. */
  suspend(reason: string, detail?: unknown): void {
    this.#suspension = { reason, detail };
  }
}

/**
 * Called on a hit. It may register, modify and unregister any breakpoint, its own included. An error that it throws
 * goes to the kernel's error channel and changes nothing else.
 */
export type HitHandler = (hit: Hit) => void;

/** True if hits in the interrupted mode are dropped by the request's exclude fields. */
export function excluded(attr: HwBreakpointAttr, { cpu }: DieRecord): boolean {
  const { mode } = cpu.context;
  if (mode === 'user') return attr.exclude_user === true;
  return mode === 'kernel' ? attr.exclude_kernel === true : attr.exclude_hv === true;
}
