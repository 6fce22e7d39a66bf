import type { Context } from '../hardware/index.js';
import { Facet } from './facet.js';

/**
 * How a kernel's system calls are numbered: a debugger that stops at some of them, and not at others, asks for it.
 *
 * For consumers: asked at the entry of a call, and at its exit. What a program calls is not bound to the number, which
 * is what its registers say: one that sets none calls number 0.
 *
 * For backend authors: where Linux's `syscall_get_nr` takes it from, which is what a debugger reads and changes.
 */
export interface SystemCallNumbers {
  /** The number of the call that these registers, of a task inside it, have asked for: 32 bits without a sign. */
  number(context: Context): number;
}

export const SYSTEM_CALL_NUMBERS = new Facet<SystemCallNumbers>(
  'numbers of system calls',
  'SystemCallNumbers (the register that a system call is numbered by), and offer it with SYSTEM_CALL_NUMBERS',
);
