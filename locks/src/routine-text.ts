import type { KernelSymbol } from '@hwbp/core';

/** Bytes of an instruction of a lock's routine. */
export const LENGTH = 4;

/**
 * The routines of all locks and how many instructions each has, in the order in which they lie in the kernel's text.
 */
const ROUTINES = {
  spin_lock: 2,
  spin_trylock: 1,
  spin_unlock: 1,
  read_lock: 3,
  read_unlock: 1,
  write_lock: 2,
  write_unlock: 1,
  write_seqlock: 1,
  write_sequnlock: 1,
  read_seqbegin: 1,
  read_seqretry: 1,
  mutex_lock: 4,
  mutex_trylock: 2,
  mutex_unlock: 2,
  down: 2,
  down_trylock: 1,
  up: 2,
  local_irq_save: 1,
  local_irq_restore: 1,
} as const;

/** The name of a routine, which is its symbol. */
export type RoutineName = keyof typeof ROUTINES;

/** Where the routines begin unless a composition says otherwise: in the upper half, as kernels' text is. */
export const LOCK_TEXT = 0xffff_ffff_81a0_0000n;

/** Where the instructions of locks are: the same for all locks of a kind, as a kernel has one function for them. */
export class RoutineText {
  readonly symbols: readonly KernelSymbol[];
  readonly #starts = new Map<string, bigint>();

  constructor(text: bigint) {
    let address = text;
    const symbols: KernelSymbol[] = [];
    for (const [name, instructions] of Object.entries(ROUTINES)) {
      // One more to return by.
      const size = (instructions + 1) * LENGTH;
      symbols.push(Object.freeze({ name, address, size, type: 'function' as const }));
      this.#starts.set(name, address);
      address += BigInt(size);
    }
    this.symbols = Object.freeze(symbols);
  }

  /** The address of an instruction of a routine, by number. */
  at(routine: RoutineName, instruction: number): bigint {
    return (this.#starts.get(routine) ?? 0n) + BigInt(instruction * LENGTH);
  }

  /** The instruction behind the last one of a routine. */
  end(routine: RoutineName): bigint {
    return this.at(routine, ROUTINES[routine]);
  }
}

/**
 * Symbols of the routines of locks, for a kernel's `symbols`. `text`: where they begin, as `locks({ text })` has it.
 */
export function lockSymbols(text = LOCK_TEXT): readonly KernelSymbol[] {
  return new RoutineText(text).symbols;
}
