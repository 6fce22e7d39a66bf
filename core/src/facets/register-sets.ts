import type { Task } from '../kernel/index.js';
import { Facet } from './facet.js';

/**
 * One set of a task's registers, as PTRACE_GETREGSET and PTRACE_SETREGSET move it (Linux: struct user_regset).
 *
 * For backend authors: a set may be written in parts, and then what was written before an error stays written, entry by
 * entry, where Linux leaves it so: say which of it is a quirk.
 */
export interface RegisterSet {
  /** Bytes in all. */
  readonly size: number;
  /** Bytes: lengths are multiples of it, up to {@link size}. */
  readonly elementSize: number;
  /** The first `length` bytes. */
  read(task: Task, length: number): Uint8Array;
  /** Writes the first bytes of it. Throws EINVAL, ENOSPC or what else the architecture refuses. */
  write(task: Task, bytes: Uint8Array): void;
}

/** NT_PRSTATUS (include/uapi/linux/elf.h): the general registers. */
export const NT_PRSTATUS = 1;

/** An architecture's sets, by their note types `NT_*` (include/uapi/linux/elf.h). */
export interface RegisterSets {
  readonly sets: ReadonlyMap<number, RegisterSet>;
}

export const REGISTER_SETS = new Facet<RegisterSets>(
  'register sets',
  'RegisterSets (sets of registers by note type, each with read and write), and offer it with REGISTER_SETS',
);
