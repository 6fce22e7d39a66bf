import type { AddressSpace } from '../../hardware/index.js';
import { directMapSize, type MemoryLayout } from '../machine-options.js';

/** Where addresses of devices begin, behind the direct map or else in front of it: bytes between the two. */
const GAP = 0x1000_0000n;
/** Bytes of the area. */
const SIZE = 0x800_0000n;

/**
 * Addresses at which the kernel reaches devices (Linux: ioremap): what its instructions load and store there goes to
 * the bus, and is watched like any address.
 */
export class IoMappings {
  readonly #memory: AddressSpace;
  readonly #pageSize: bigint;
  readonly #first: bigint;
  #next: bigint;
  /** Pages of each mapping, by its first address. */
  readonly #mapped = new Map<bigint, number>();

  /** `memory`: the kernel's. */
  constructor(memory: AddressSpace, layout: MemoryLayout, addressBits: number) {
    this.#memory = memory;
    this.#pageSize = BigInt(layout.pageSize);
    const behind = layout.directMap + directMapSize(layout) + GAP;
    // Where the direct map reaches to the last address there is room in front of it only.
    this.#first = behind + SIZE <= 1n << BigInt(addressBits) ? behind : layout.directMap - SIZE;
    this.#next = this.#first;
  }

  /** Maps physical addresses; returns where. {@link unmap} gives it back. Throws a TypeError where there is no room. */
  map(physical: bigint, size: number): bigint {
    const inside = physical % this.#pageSize;
    const pages = Number((inside + BigInt(size) + this.#pageSize - 1n) / this.#pageSize);
    const bytes = BigInt(pages) * this.#pageSize;
    if (this.#next + bytes > this.#first + SIZE) {
      throw new TypeError(`the kernel maps at most ${SIZE} bytes of devices, and ${bytes} more are wanted`);
    }
    const address = this.#next;
    const frame = Number(physical / this.#pageSize);
    const frames = Array.from({ length: pages }, (_, index) => frame + index);
    this.#memory.map(address, Number(bytes), { frames });
    this.#next += bytes;
    this.#mapped.set(address, pages);
    return address + inside;
  }

  /** Takes away what {@link map} has returned. Throws a TypeError for any other address. */
  unmap(address: bigint): void {
    const first = address - (address % this.#pageSize);
    const pages = this.#mapped.get(first);
    if (pages === undefined) throw new TypeError(`nothing of a device is mapped at 0x${address.toString(16)}`);
    this.#mapped.delete(first);
    this.#memory.unmap(first, pages * Number(this.#pageSize));
    if (this.#mapped.size === 0) this.#next = this.#first;
  }
}
