import type { Cpu, Loaded } from '../../hardware/index.js';
import type { Instruction, ProgramFactory, Waiting } from '../../programs/index.js';
import type { Task } from '../task.js';
import type { SystemCallRestart } from './restart.js';

/** A system call as whoever handles it finds it. */
export interface NumberedCall {
  /** 32 bits without a sign, as the architecture's Linux numbers calls. */
  readonly number: number;
  /** Six, 64 bits each without a sign. */
  readonly args: readonly bigint[];
  /** Who makes it. */
  readonly task: Task;
  /** The CPU that it was made on; one that waits may go on on another. */
  readonly cpu: Cpu;
}

/** What a call returns: a value of 64 bits, or -4095 to -1 for an errno; nothing: 0. */
export type CallValue = bigint | number | undefined;

/**
 * What a call executes, in kernel mode: instructions, and waits that take none. It learns what an instruction has
 * loaded; of a wait 0n, or 1n if a signal has ended it. It returns a {@link CallValue} or a {@link SystemCallRestart}.
 */
export type CallSteps = Iterator<Instruction | Waiting, unknown, Loaded>;

/**
 * What a handler returns: a value; a generator's steps, which return it; a program, which leaves it in the register of
 * results; or something to wait for, and then 0.
 */
export type CallResult = CallValue | SystemCallRestart<CallResult> | CallSteps | ProgramFactory | Waiting;

/** What a system call does. A `KernelError` that it throws is its result: that errno. */
export type NumberedHandler = (call: NumberedCall) => CallResult;

/** Calls by number. */
export interface CallTable {
  /** Whose they are, for messages. */
  readonly name: string;
  readonly calls: ReadonlyMap<number, NumberedHandler>;
}

declare module '../../programs/instruction-program.js' {
  interface SystemCallEntry {
    readonly task: Task;
  }
}
