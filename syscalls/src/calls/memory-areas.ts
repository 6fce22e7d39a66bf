import type { AddressSpace, ArchManifest } from '@hwbp/core';
import { callError } from '../errors.js';

/** Below it nothing is mapped that nobody asked for by address (Linux: mmap_min_addr). */
const LEAST = 0x1_0000n;

/** What was mapped in one address space. */
interface Areas {
  readonly pages: Set<bigint>;
  /** Where the next one ends. */
  end: bigint;
}

/** Memory that processes have mapped, from the top of user space downwards. */
export class MemoryAreas {
  readonly #manifest: ArchManifest;
  readonly #mostPages: number;
  readonly #areas = new WeakMap<AddressSpace, Areas>();

  /** `most`: bytes that an address space may have mapped. */
  constructor(manifest: ArchManifest, most: number) {
    this.#manifest = manifest;
    this.#mostPages = Math.floor(most / manifest.pageSize);
  }

  /**
   * Maps fresh pages; returns where. `at`: there, whatever was there before. Throws ENOMEM, and EINVAL for an address.
   */
  map(memory: AddressSpace, length: bigint, permissions: { read: boolean; write: boolean }, at?: bigint): bigint {
    const count = this.#pagesOf(length);
    const areas = this.#of(memory);
    const { pageSize } = this.#manifest;
    const bytes = BigInt(count) * BigInt(pageSize);
    if (at !== undefined) this.#checkPlace(at, bytes);
    if (areas.pages.size + count > this.#mostPages) {
      throw callError(
        'CALL_NO_MEMORY',
        `a process maps at most ${this.#mostPages} pages here, and wants ${count} more`,
      );
    }
    const address = at ?? this.#place(memory, areas, bytes);
    memory.map(address, Number(bytes), { permissions });
    for (let page = 0; page < count; page++) areas.pages.add(address + BigInt(page * pageSize));
    return address;
  }

  /** Takes pages away, whoever has mapped them; beyond what a process may map, those that were mapped here. */
  unmap(memory: AddressSpace, address: bigint, length: bigint): void {
    const { pageSize } = this.#manifest;
    const bytes = BigInt(pageSize) * ((length + BigInt(pageSize) - 1n) / BigInt(pageSize));
    if (length <= 0n) throw callError('CALL_BAD_ARGUMENT', `munmap takes 1 byte or more, got ${length}`);
    this.#checkPlace(address, bytes, 'CALL_BAD_ARGUMENT');
    const { pages } = this.#of(memory);
    const near = bytes <= BigInt(this.#mostPages * pageSize);
    if (near) memory.unmap(address, Number(bytes));
    for (const page of [...pages]) {
      if (page < address || page >= address + bytes) continue;
      if (!near) memory.unmap(page, pageSize);
      pages.delete(page);
    }
  }

  #of(memory: AddressSpace): Areas {
    const known = this.#areas.get(memory);
    if (known !== undefined) return known;
    const { taskSize, pageSize } = this.#manifest;
    const made: Areas = { pages: new Set(), end: (taskSize - (taskSize >> 3n)) & -BigInt(pageSize) };
    this.#areas.set(memory, made);
    return made;
  }

  #pagesOf(length: bigint): number {
    if (length <= 0n) throw callError('CALL_BAD_ARGUMENT', `mmap takes 1 byte or more, got ${length}`);
    const page = BigInt(this.#manifest.pageSize);
    return Number((length + page - 1n) / page);
  }

  /** Throws for what is no place in user space, or not the beginning of a page. */
  #checkPlace(address: bigint, bytes: bigint, code: 'CALL_NO_MEMORY' | 'CALL_BAD_ARGUMENT' = 'CALL_NO_MEMORY'): void {
    const { pageSize, taskSize } = this.#manifest;
    if (address % BigInt(pageSize) !== 0n) {
      throw callError('CALL_BAD_ARGUMENT', `0x${address.toString(16)} is not the beginning of a page of ${pageSize}`);
    }
    if (address + bytes > taskSize) throw callError(code, `0x${address.toString(16)} reaches out of user space`);
  }

  /** Below what was mapped before, where nothing is. */
  #place(memory: AddressSpace, areas: Areas, bytes: bigint): bigint {
    const page = BigInt(this.#manifest.pageSize);
    let start = areas.end - bytes;
    for (let at = start; at < start + bytes; at += page) {
      if (!memory.isMapped(at)) continue;
      start = at - bytes;
      at = start - page;
    }
    if (start < LEAST) throw callError('CALL_NO_MEMORY', 'user space has no room left');
    areas.end = start;
    return start;
  }
}
