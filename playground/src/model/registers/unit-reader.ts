import type { DebugUnit } from '@hwbp/core';
import type { RegisterView } from './register-view.js';

/** The value of a debug register by the name that instructions have for it; 0 where there is none of that name. */
export type ReadRegister = (name: string, select?: Selection) => bigint;

/** A register of which there are several behind one name: which one is chosen by writing another. */
export interface Selection {
  readonly register: string;
  readonly value: bigint;
}

/** Every debug register of a CPU, decoded. `read` reads one, `units` says what the silicon has. */
export type ReadRegisters = (read: ReadRegister) => readonly RegisterView[];

/** Modes that may read them, the lowest first. */
const STATES = (['kernel', 'hypervisor'] as const).map((mode) => ({ mode, singleStep: false, resume: false }));

/**
 * Reads the registers of a debug unit as privileged code would, and leaves them as they are: what had to be selected is
 * as before.
 */
export function readerOf(unit: DebugUnit): ReadRegister {
  const move = (register: string, value?: bigint): bigint => {
    for (const state of STATES) {
      const result = unit.move(value === undefined ? { register } : { register, value }, state);
      if (typeof result === 'bigint') return result;
    }
    return 0n;
  };
  return (name, select) => {
    if (select === undefined) return move(name);
    const before = move(select.register);
    move(select.register, select.value);
    const value = move(name);
    move(select.register, before);
    return value;
  };
}
