import { halt } from '../guest/basic-instructions.js';
import type { GuestCode, GuestInstruction } from '../guest/guest-instruction.js';

/** What is everywhere else. */
const HALT = halt(1);

/** Instructions that were loaded at addresses; the rest is HLT. */
export class GuestText implements GuestCode {
  readonly #instructions = new Map<bigint, GuestInstruction>();

  at(pc: bigint): GuestInstruction {
    return this.#instructions.get(pc) ?? HALT;
  }

  /** True if something other than the filling stands there. */
  has(pc: bigint): boolean {
    return this.#instructions.has(pc);
  }

  set(pc: bigint, instruction: GuestInstruction): void {
    this.#instructions.set(pc, instruction);
  }

  /** Fills a range with HLT again. */
  clear(first: bigint, size: bigint): void {
    for (const pc of [...this.#instructions.keys()]) {
      if (pc >= first && pc < first + size) this.#instructions.delete(pc);
    }
  }
}
