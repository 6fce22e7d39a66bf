import { KernelError, type Task } from '@hwbp/core';
import { ptraceError } from './errors.js';

function refused(task: Task, address: bigint, error: unknown): unknown {
  if (!(error instanceof KernelError)) return error;
  return ptraceError('PTRACE_BAD_ADDRESS', `task ${task}: ${error.reason}`, { address });
}

/**
 * Bytes of a task's memory, of pages too that the task itself may not read (Linux: FOLL_FORCE). EIO where nothing is
 * mapped; TypeError for a length that is none.
 */
export function peekMemory(task: Task, address: bigint, length: number): Uint8Array {
  if (!Number.isInteger(length) || length < 0) throw new TypeError(`a length is a whole number from 0, got ${length}`);
  try {
    return task.memory.read(address, length, { force: true });
  } catch (error) {
    throw refused(task, address, error);
  }
}

/**
 * All bytes or none. A debugger may write pages that the task itself may not: that is how it plants breakpoints in
 * text.
 */
export function pokeMemory(task: Task, address: bigint, bytes: Uint8Array): void {
  try {
    task.memory.write(address, bytes, { force: true });
  } catch (error) {
    throw refused(task, address, error);
  }
}
