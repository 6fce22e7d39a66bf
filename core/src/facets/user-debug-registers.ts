import type { Task } from '../kernel/index.js';
import { Facet } from './facet.js';

/**
 * The debug registers of a task as a debugger in user space reads and writes them. They are bookkeeping on top of
 * breakpoints of the core API, and have nothing to do with which hardware register a breakpoint is in.
 *
 * For consumers: the task must not be running. A hit raises SIGTRAP with the signal information that the architecture
 * gives.
 *
 * For backend authors: registers follow fork, exec and exit of a task on their own. A refused write must leave every
 * register as it reads; what else a quirk that is on leaves behind must be declared.
 */
export interface UserDebugRegisters {
  /** Registers that can be named, from 0. */
  readonly count: number;
  /** The register's value; 64 bits. Throws EIO or EINVAL for a number that the architecture does not have. */
  read(task: Task, register: number): bigint;
  /** Throws EIO or EINVAL for a register that cannot be written or a value that it cannot take, ENOSPC, ENODEV. */
  write(task: Task, register: number, value: bigint): void;
  /** Its tracer let the task go: what happens to its registers is the architecture's rule. */
  tracerGone(task: Task): void;
}

/** As whom implementations own the breakpoints of debuggers in user space: slot policies and refusals name them so. */
export const USER_DEBUGGERS = 'user debug registers';

export const USER_DEBUG_REGISTERS = new Facet<UserDebugRegisters>(
  'user-visible debug registers',
  'UserDebugRegisters (read, write and tracerGone, on breakpoints of the core API), and offer it with USER_DEBUG_REGISTERS',
);
