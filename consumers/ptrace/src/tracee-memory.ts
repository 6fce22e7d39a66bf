import { KernelError, type SoftwareBreakpoints, type Task, type TrapInstruction } from '@hwbp/core';
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

/**
 * Bytes were written to a task's memory: where there is a trap instruction among them now, the program stops; where
 * there was one it goes on.
 */
export function patchText(
  { memory }: Task,
  address: bigint,
  length: number,
  { encodings, alignment }: TrapInstruction,
  planted: SoftwareBreakpoints,
): void {
  const size = encodings[0]?.length ?? 0;
  const step = BigInt(alignment);
  const from = address - BigInt(size - 1);
  for (let at = from + ((step - (from % step)) % step); at < address + BigInt(length); at += step) {
    const bytes = memory.peek(at, size);
    const trap = encodings.find((one) => bytes.length === size && one.every((byte, i) => byte === bytes[i]));
    if (trap === undefined) planted.unpatch(memory, at);
    else planted.patch(memory, at, trap);
  }
}
