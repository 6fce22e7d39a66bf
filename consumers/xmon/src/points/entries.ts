import { Refusal } from '../refusal.js';

/** An instruction at which xmon stops the machine. */
export interface Entry {
  readonly address: bigint;
  /** Its place in the table, plus 1. */
  readonly number: number;
  /** By a software breakpoint. @settable */
  trap: boolean;
  /** By the register that watches an instruction. @settable */
  instruction: boolean;
}

/** Entries that there are (Linux: NBPTS). */
export const MOST_ENTRIES = 256;

/** The table of `b` and `bi`: an instruction has one entry, whatever stops there. */
export class Entries {
  readonly #entries: (Entry | undefined)[] = [];

  get list(): readonly Entry[] {
    return this.#entries.filter((entry) => entry !== undefined);
  }

  at(address: bigint): Entry | undefined {
    return this.#entries.find((entry) => entry?.address === address);
  }

  numbered(number: number): Entry | undefined {
    return this.#entries[number - 1];
  }

  /** The entry of an instruction, or the first free one, which is taken. Refuses the 257th. */
  take(address: bigint): Entry {
    const known = this.at(address);
    if (known !== undefined) return known;
    const free = this.#entries.indexOf(undefined);
    const place = free < 0 ? this.#entries.length : free;
    if (place >= MOST_ENTRIES) {
      throw new Refusal(`There are ${MOST_ENTRIES} breakpoints, as many as there may be: clear one first (bc)`);
    }
    const entry: Entry = { address, number: place + 1, trap: false, instruction: false };
    this.#entries[place] = entry;
    return entry;
  }

  /** Gives an entry back at which nothing stops any more. */
  tidy(entry: Entry): void {
    if (!entry.trap && !entry.instruction) this.#entries[entry.number - 1] = undefined;
  }
}
