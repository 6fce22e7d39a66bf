import type { Cpu, InterruptedGuest, Mode } from '../../hardware/index.js';
import type { ExecutionContext, Task } from '../../kernel/index.js';

/** Something that an event counts, as it happens. A hit of a breakpoint is one. */
export interface Occurrence {
  readonly cpu: Cpu;
  /** What was running. */
  readonly task: Task | undefined;
  readonly mode: Mode;
  /** What the CPU executed for, if the PMU says so: the task, or an interrupt in the middle of it. */
  readonly context?: ExecutionContext | undefined;
  /** A guest was on the CPU, there: see {@link Cpu.interrupted}. */
  readonly guest?: InterruptedGuest | undefined;
  /** The instruction pointer that the kernel sees. */
  readonly ip: bigint;
  /** The data address that it is about, if it is about one. */
  readonly address: bigint | undefined;
}
