import type { Access } from './instruction.js';
import type { Mmu } from './memory/mmu.js';

/** What a store-exclusive finds in its status register: it has stored, or it has done nothing at all. */
export const EXCLUSIVE_STORED = 0n;
export const EXCLUSIVE_FAILED = 1n;

/**
 * The monitor of one CPU that load-exclusive opens and store-exclusive asks: open, until an exception or other
 * registers come. Stores of others close it as far as they can be seen: what was loaded must still be there, as QEMU's
 * TCG has it, so that a value which came and went again goes unnoticed.
 */
export class ExclusiveMonitor {
  #open: Access | undefined;
  #loaded = 0n;

  /** A load-exclusive has loaded this. */
  open(access: Access, loaded: bigint): void {
    this.#open = access;
    this.#loaded = loaded;
  }

  close(): void {
    this.#open = undefined;
  }

  /** Whether a store-exclusive stores. */
  passes({ address, size }: Access, mmu: Mmu): boolean {
    const open = this.#open;
    if (open === undefined || open.address !== address || open.size !== size) return false;
    return mmu.at(address).readInteger(address, size) === this.#loaded;
  }
}
