import type { Task } from '../kernel/index.js';
import { Facet } from './facet.js';

/** What lies at an offset of `struct user`. `unused`: reads 0 and cannot be written. */
export type UserAreaField =
  | { readonly kind: 'general'; readonly name: string }
  | { readonly kind: 'debug'; readonly register: number }
  | { readonly kind: 'unused' };

/**
 * `struct user` of an architecture: where PEEKUSR and POKEUSR find general and debug registers, and how general
 * registers are read and written.
 */
export interface UserArea {
  /** Bytes in a word: offsets are multiples of it. */
  readonly wordSize: 4 | 8;
  /** Bytes in the structure. */
  readonly size: number;
  /** General registers in the order in which GETREGS returns them. */
  readonly generalRegisters: readonly string[];
  /** The field at an offset; `undefined` outside the structure or between words. */
  field(offset: number): UserAreaField | undefined;
  /** Offset of a debug register; `undefined` where they are no part of the structure and have requests of their own. */
  debugOffset(register: number): number | undefined;
  getRegister(task: Task, name: string): bigint;
  /** Bits that a debugger may not change keep their value. */
  setRegister(task: Task, name: string, value: bigint): void;
}

export const USER_AREA = new Facet<UserArea>(
  'user area',
  'UserArea (the layout of struct user and access to general registers), and offer it with USER_AREA',
);
