import { highHalf, joinHalves, lowHalf } from '../address.js';
import type { Mappings } from './mappings.js';
import type { PhysicalMemory } from './physical-memory.js';

/** The address space whose pages these are. */
interface Paged {
  readonly physical: PhysicalMemory;
  translate(address: bigint, write: boolean): { readonly frame: number } | undefined;
  isShared(address: bigint): boolean;
}

/** Pages that are kept for loads, and as many for stores. A power of two. */
const KEPT = 16;

/**
 * The pages of one address space that were used last, for programs that access memory without a look-up: what a
 * translation look-aside buffer is to a CPU. All of them are dropped as soon as anything is mapped otherwise, in
 * whatever space of the same memory.
 */
export class PageViews {
  readonly #space: Paged;
  readonly #mappings: Mappings;
  readonly #shift: number;
  readonly #mask: number;
  /** Which state of the mappings they are of; -1: none was kept so far. */
  #changes = -1;
  /** By slot, loads first: the halves of the page's address, and its bytes. */
  #his = NO_PAGES;
  #los = NO_PAGES;
  #views: (DataView | undefined)[] = [];

  constructor(space: Paged) {
    const { pageSize } = space.physical;
    this.#space = space;
    this.#mappings = space.physical.mappings;
    this.#shift = Math.log2(pageSize);
    this.#mask = ~(pageSize - 1);
  }

  /**
   * The bytes of the page around an address, given in halves, as far as a program may access them as it likes:
   * `undefined` where a page is missing or does not allow it, where the page is still shared since a fork, and where
   * there is no memory. A first access maps the page where that is so.
   */
  at(hi: number, lo: number, write: boolean): DataView | undefined {
    const slot = ((lo >>> this.#shift) & (KEPT - 1)) | (write ? KEPT : 0);
    const page = lo & this.#mask;
    if (this.#changes === this.#mappings.changes) {
      if (this.#los[slot] === page && this.#his[slot] === hi) {
        const view = this.#views[slot];
        if (view !== undefined) return view;
      }
    }
    return this.#find(slot, hi, page, write);
  }

  /** An integer of 1, 2, 4 or 8 bytes that lies in one page; `undefined`: it is no such, or takes a look-up. */
  readInteger(address: bigint, size: number): bigint | undefined {
    const lo = lowHalf(address);
    const offset = lo & ~this.#mask;
    const view = offset + size > ~this.#mask + 1 ? undefined : this.at(highHalf(address), lo, false);
    if (view === undefined) return undefined;
    const little = this.#space.physical.byteOrder === 'little';
    switch (size) {
      case 8:
        return view.getBigUint64(offset, little);
      case 4:
        return BigInt(view.getUint32(offset, little));
      case 2:
        return BigInt(view.getUint16(offset, little));
      case 1:
        return BigInt(view.getUint8(offset));
      default:
        return undefined;
    }
  }

  /** Stores such an integer. False: it has not. */
  writeInteger(address: bigint, size: number, value: bigint): boolean {
    const lo = lowHalf(address);
    const offset = lo & ~this.#mask;
    const view = offset + size > ~this.#mask + 1 ? undefined : this.at(highHalf(address), lo, true);
    if (view === undefined) return false;
    const little = this.#space.physical.byteOrder === 'little';
    switch (size) {
      case 8:
        view.setBigUint64(offset, value, little);
        return true;
      case 4:
        view.setInt32(offset, lowHalf(value), little);
        return true;
      case 2:
        view.setInt16(offset, lowHalf(value), little);
        return true;
      case 1:
        view.setInt8(offset, lowHalf(value));
        return true;
      default:
        return false;
    }
  }

  #find(slot: number, hi: number, page: number, write: boolean): DataView | undefined {
    const { physical } = this.#space;
    const address = joinHalves(hi, page);
    const found = this.#space.translate(address, write);
    if (found === undefined || !physical.has(found.frame)) return undefined;
    // What is stored to is loaded from, too.
    if (write && (this.#space.isShared(address) || this.#space.translate(address, false) === undefined))
      return undefined;
    const { buffer, byteOffset, byteLength } = physical.frame(found.frame);
    const view = new DataView(buffer, byteOffset, byteLength);
    const { changes } = this.#mappings;
    if (this.#changes !== changes) {
      if (this.#changes < 0) {
        this.#his = new Int32Array(2 * KEPT);
        this.#los = new Int32Array(2 * KEPT);
      }
      this.#views = new Array(2 * KEPT).fill(undefined);
      this.#changes = changes;
    }
    this.#his[slot] = hi;
    this.#los[slot] = page;
    this.#views[slot] = view;
    return view;
  }
}

const NO_PAGES = new Int32Array(0);
