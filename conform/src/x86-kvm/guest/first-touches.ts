import type { Access, PhysicalMemory } from '@hwbp/core';
import type { GuestMode } from './guest-cpu.js';

/** Frames of the page tables: of each of three levels, for every address. */
const TABLES: readonly number[] = [0x10, 0x11, 0x12];

/**
 * Pages of a guest's memory that its CPUs have touched: a hypervisor gives a guest each page when it first does, which
 * is an exit that the guest does not notice.
 */
export class FirstTouches {
  readonly #memory: PhysicalMemory;
  readonly #tables: readonly number[];
  readonly #touched = new Set<number>();

  constructor(memory: PhysicalMemory, mode: GuestMode) {
    this.#memory = memory;
    this.#tables = mode === 'real' ? [] : TABLES;
  }

  /** Notes one page of those that an instruction needs and nobody has touched; false: there is none. */
  take(pc: bigint, length: number, accesses: readonly Access[] = []): boolean {
    for (const frame of this.#tables) if (this.#isFirst(frame)) return true;
    if (this.#range(pc, length)) return true;
    return accesses.some(({ address, size, space }) => space !== 'port' && this.#range(address, size));
  }

  #range(address: bigint, size: number): boolean {
    const pageSize = BigInt(this.#memory.pageSize);
    const last = Number((address + BigInt(Math.max(size, 1) - 1)) / pageSize);
    for (let frame = Number(address / pageSize); frame <= last; frame++) if (this.#isFirst(frame)) return true;
    return false;
  }

  #isFirst(frame: number): boolean {
    if (this.#touched.has(frame) || !this.#memory.has(frame)) return false;
    this.#touched.add(frame);
    return true;
  }
}
