import { coreError } from '../../errors/index.js';
import type { PhysicalMemory } from '../../hardware/index.js';

/**
 * Physical memory as a device reaches it, without a CPU: no debug register sees it, for those compare the addresses of
 * instructions.
 */
export class Dma {
  readonly #memory: PhysicalMemory;
  readonly #pages = new Set<number>();

  constructor(memory: PhysicalMemory) {
    this.#memory = memory;
  }

  /** Bytes at a physical address. Throws EFAULT where there is no memory. */
  read(address: bigint, size: number): Uint8Array {
    const bytes = new Uint8Array(size);
    for (const [frame, offset, from, count] of this.#pieces(address, size)) {
      bytes.set(this.#memory.frame(frame).subarray(offset, offset + count), from);
    }
    return bytes;
  }

  /** Stores bytes; all or nothing. Throws EFAULT where there is no memory. */
  write(address: bigint, bytes: Uint8Array): void {
    for (const [frame, offset, from, count] of this.#pieces(address, bytes.length)) {
      this.#memory.frame(frame).set(bytes.subarray(from, from + count), offset);
    }
  }

  /** A page of memory of the device's own, filled with zeroes, by its physical address. */
  allocate(): bigint {
    const frame = this.#memory.allocate();
    this.#pages.add(frame);
    return BigInt(frame) * BigInt(this.#memory.pageSize);
  }

  /** Gives back what was allocated. */
  release(): void {
    for (const frame of this.#pages) this.#memory.release(frame);
    this.#pages.clear();
  }

  #pieces(address: bigint, size: number): readonly (readonly [number, number, number, number])[] {
    const { pageSize } = this.#memory;
    const pieces: (readonly [number, number, number, number])[] = [];
    for (let from = 0; from < size; ) {
      const at = Number(address) + from;
      const [frame, offset] = [Math.floor(at / pageSize), at % pageSize];
      if (at < 0 || this.#memory.holdersOf(frame) === 0 || !this.#memory.has(frame)) {
        throw coreError('MEMORY_FAULT', `no memory is at the physical address 0x${at.toString(16)}`, { address });
      }
      const count = Math.min(pageSize - offset, size - from);
      pieces.push([frame, offset, from, count]);
      from += count;
    }
    return pieces;
  }
}
