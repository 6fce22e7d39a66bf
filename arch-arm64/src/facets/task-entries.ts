import type { PairValue, Task, UserDebugRegisters } from '@hwbp/core';
import type { SetKind } from './control-request.js';

/** One entry of struct user_hwdebug_state: what dbg_regs[n] holds. */
export type Entry = PairValue;

/** The entries of a task's two register sets, however they are kept. */
export interface TaskEntries {
  /** A write that fails changes nothing. */
  readonly atomic: boolean;
  read(task: Task, kind: SetKind, index: number): Entry;
  /** Writes the first entries of a set; of the last the address alone where `control` is absent. */
  write(task: Task, kind: SetKind, entries: readonly WrittenEntry[]): void;
  /** The same entries as registers with numbers. */
  readonly registers: UserDebugRegisters;
}

export interface WrittenEntry {
  readonly address: bigint;
  readonly control: bigint | undefined;
}

/** Numbered registers: address and control by turns, of watchpoints first. */
export interface NumberedRegister {
  readonly kind: SetKind;
  readonly index: number;
  readonly control: boolean;
}

/** Which register a number is. */
export function numberedRegister(register: number, wrps: number): NumberedRegister {
  const pair = register >> 1;
  const control = (register & 1) === 1;
  return pair < wrps ? { kind: 'watch', index: pair, control } : { kind: 'break', index: pair - wrps, control };
}
