import { coreError } from '../../errors/index.js';
import type { ImageReader, ImageValue } from '../../image/index.js';
import { hex, highHalf, lowHalf } from '../address.js';
import {
  type AddressSpaceOptions,
  bytesOf,
  DEVICE,
  type ForceOptions,
  integerOf,
  type Page,
  type PagePermissions,
  pieces,
  READ_WRITE,
  whyNot,
} from './page.js';
import { readPage, savePage } from './page-image.js';
import { PageViews } from './page-views.js';
import { PhysicalMemory } from './physical-memory.js';

const NOTHING = new Uint8Array(0);

/** Virtual addresses over physical pages. */
export class AddressSpace {
  readonly physical: PhysicalMemory;
  /** Pages of it that are accessed without a look-up. */
  readonly views: PageViews;
  /** Where its pages are: in {@link physical}, until {@link release}. */
  #pool: PhysicalMemory;
  readonly #options: AddressSpaceOptions;
  readonly #pages = new Map<bigint, Page>();
  readonly #pageBits: bigint;
  /** Bits of an address inside its page. */
  readonly #inside: number;
  /** The page that was looked up last, and the halves of its address: most accesses are to the same one again. */
  #recent: Page | undefined;
  #recentHi = 0;
  #recentLo = 0;
  /** Pages that were not stored to since the latest fork. */
  readonly #shared = new Set<bigint>();
  /** Pages of an image, see {@link claims}. */
  readonly #claims = new Set<bigint>();

  constructor(physical: PhysicalMemory, options: AddressSpaceOptions = {}) {
    this.physical = physical;
    this.views = new PageViews(this);
    this.#pool = physical;
    this.#options = options;
    this.#pageBits = BigInt(Math.log2(physical.pageSize));
    this.#inside = physical.pageSize - 1;
  }

  /**
   * Maps the pages that contain `[address, address + length)`: fresh ones, or the given frames, which is how memory is
   * shared: whoever gives them keeps his own hold of them. Pages mapped before are replaced.
   */
  map(
    address: bigint,
    length: number,
    options: { permissions?: PagePermissions; frames?: readonly number[] } = {},
  ): void {
    if (length <= 0) throw new TypeError(`map needs a length of 1 byte or more, got ${length}`);
    const first = address >> this.#pageBits;
    const last = (address + BigInt(length) - 1n) >> this.#pageBits;
    const permissions = options.permissions ?? READ_WRITE;
    for (let page = first; page <= last; page++) {
      const given = options.frames?.[Number(page - first)];
      const frame = given ?? this.#pool.allocate();
      const held = given === undefined || this.#pool.share(given);
      this.#remove(page);
      this.#pages.set(page, { frame, permissions: this.#pool.has(frame) ? permissions : DEVICE, held });
    }
  }

  /** The physical address under one behind whose frame there is no memory; `undefined` for any other. */
  deviceAt(address: bigint): bigint | undefined {
    const page = this.#pages.get(address >> this.#pageBits);
    if (page?.permissions !== DEVICE) return undefined;
    return (BigInt(page.frame) << this.#pageBits) | (address & (BigInt(this.physical.pageSize) - 1n));
  }

  /** Takes the pages that contain the range away. */
  unmap(address: bigint, length: number): void {
    const last = (address + BigInt(length) - 1n) >> this.#pageBits;
    for (let page = address >> this.#pageBits; page <= last; page++) this.#remove(page);
  }

  #remove(number: bigint): void {
    const page = this.#pages.get(number);
    if (page?.held === true) this.#pool.release(page.frame);
    this.#recent = undefined;
    this.physical.mappings.changed();
    this.#pages.delete(number);
  }

  /**
   * Nobody executes in it any more: its frames are given back, and others get them. Whoever still looks at it, such as
   * a debugger at what a dead task had, finds what was there at the end; no other task's pages. Once is enough.
   */
  release(): void {
    const { physical } = this;
    if (this.#pool !== physical) return;
    const own = new PhysicalMemory(physical.pageSize, physical.byteOrder);
    this.#pool = own;
    this.#recent = undefined;
    physical.mappings.changed();
    for (const [number, { frame, permissions, held }] of this.#pages) {
      if (permissions !== DEVICE) {
        this.#pages.set(number, { frame: physical.handOver(frame, own, held), permissions, held: true });
        continue;
      }
      if (held) physical.release(frame);
      this.#pages.set(number, { frame, permissions, held: false });
    }
  }

  /**
   * The frame under an address, and the offset in it; `undefined` where an access faults. `force`: whatever may be done
   * with the page, as long as there is memory behind it. Never any once it was released.
   */
  translate(address: bigint, write: boolean, force = false): { frame: number; offset: number } | undefined {
    if (this.#pool !== this.physical) return undefined;
    const frame = this.#frameAt(BigInt.asUintN(64, address), write, force);
    return frame < 0 ? undefined : { frame, offset: this.#offsetOf(address) };
  }

  /** The frame of the pool under an address of 64 bits; -1 where an access faults. */
  #frameAt(address: bigint, write: boolean, force = false): number {
    const direct = this.#options.directMap;
    if (direct !== undefined && this.#isDirect(address)) {
      const frame = Number((address - direct.base) >> this.#pageBits);
      return frame < this.physical.allocated && this.physical.has(frame) ? frame : -1;
    }
    const page = this.#pageAt(address);
    if (page === undefined) return -1;
    const { frame, permissions } = page;
    const allowed = force ? permissions !== DEVICE : write ? permissions.write : permissions.read;
    return allowed ? frame : -1;
  }

  /** The page of an address of 64 bits, which a first access maps where that is so. */
  #pageAt(address: bigint): Page | undefined {
    const lo = lowHalf(address) & ~this.#inside;
    const hi = highHalf(address);
    if (this.#recent !== undefined && lo === this.#recentLo && hi === this.#recentHi) return this.#recent;
    const number = address >> this.#pageBits;
    let page = this.#pages.get(number);
    if (page === undefined) {
      if (this.#options.demandZero === false) return undefined;
      page = { frame: this.#pool.allocate(), permissions: READ_WRITE, held: true };
      this.#pages.set(number, page);
    }
    this.#recent = page;
    this.#recentHi = hi;
    this.#recentLo = lo;
    return page;
  }

  /** The first byte of the range that cannot be accessed so; `undefined` if all can. */
  firstFault(address: bigint, size: number, write: boolean): bigint | undefined {
    if (this.#offsetInOne(address, size) >= 0) {
      const first = BigInt.asUintN(64, address);
      return this.#frameAt(first, write) < 0 ? first : undefined;
    }
    for (const [at] of pieces(address, size, this.physical.pageSize)) if (this.#frameAt(at, write) < 0) return at;
    return undefined;
  }

  /**
   * Bytes of a range. Throws EFAULT where a page is missing or not readable. `force`: a page that is there is enough,
   * as for a debugger.
   */
  read(address: bigint, size: number, options: ForceOptions = {}): Uint8Array {
    const offset = this.#offsetInOne(address, size);
    if (offset >= 0) {
      const frame = this.#require(BigInt.asUintN(64, address), false, options.force);
      return this.#pool.frame(frame).slice(offset, offset + size);
    }
    const bytes = new Uint8Array(size);
    let done = 0;
    for (const [at, count] of pieces(address, size, this.physical.pageSize)) {
      const offset = this.#offsetOf(at);
      const frame = this.#pool.frame(this.#require(at, false, options.force));
      bytes.set(frame.subarray(offset, offset + count), done);
      done += count;
    }
    return bytes;
  }

  /**
   * Bytes of a range up to the first page that cannot be read, for a debugger that must not disturb: nothing is mapped,
   * and pages that a first access would map read as zeroes. `force`: whatever the program itself may do with a page
   * (Linux: FOLL_FORCE); only where there is no memory behind it, it cannot be read.
   */
  peek(address: bigint, size: number, { force = false }: ForceOptions = {}): Uint8Array {
    const offset = this.#offsetOf(address);
    if (offset + size <= this.physical.pageSize && this.isMapped(address)) {
      const frame = this.#frameAt(address, false, force);
      return frame < 0 ? NOTHING : this.#pool.frame(frame).slice(offset, offset + size);
    }
    const bytes = new Uint8Array(size);
    let done = 0;
    for (const [at, count] of pieces(address, size, this.physical.pageSize)) {
      const known = this.isMapped(at);
      if (!known && (this.#isDirect(at) || this.#options.demandZero === false)) return bytes.subarray(0, done);
      if (known) {
        const frame = this.#frameAt(at, false, force);
        if (frame < 0) return bytes.subarray(0, done);
        const offset = this.#offsetOf(at);
        bytes.set(this.#pool.frame(frame).subarray(offset, offset + count), done);
      }
      done += count;
    }
    return bytes;
  }

  /** True if there is a page at the address, whatever may be done with it; false where a first access would map one. */
  isMapped(address: bigint): boolean {
    return this.#isDirect(address) ? this.#frameAt(address, false) >= 0 : this.#pages.has(address >> this.#pageBits);
  }

  /**
   * Stores bytes; all or nothing. Throws EFAULT where a page is missing or not writable. `force`: a page that is there
   * is enough, as for a debugger.
   */
  write(address: bigint, bytes: Uint8Array, options: ForceOptions = {}): void {
    const inside = this.#offsetInOne(address, bytes.length);
    if (inside >= 0) {
      const frame = this.#require(BigInt.asUintN(64, address), true, options.force);
      this.unshare(address, bytes.length);
      this.#pool.frame(frame).set(bytes, inside);
      return;
    }
    const places = [...pieces(address, bytes.length, this.physical.pageSize)].map(([at, count]) => ({
      frame: this.#require(at, true, options.force),
      offset: this.#offsetOf(at),
      count,
    }));
    this.unshare(address, bytes.length);
    let done = 0;
    for (const { frame, offset, count } of places) {
      this.#pool.frame(frame).set(bytes.subarray(done, done + count), offset);
      done += count;
    }
  }

  /** An unsigned integer of `size` bytes, in the memory's byte order. */
  readInteger(address: bigint, size: number): bigint {
    return this.views.readInteger(address, size) ?? integerOf(this.read(address, size), this.physical.byteOrder);
  }

  /** Stores the low `size` bytes of an integer, in the memory's byte order. */
  writeInteger(address: bigint, size: number, value: bigint): void {
    if (this.views.writeInteger(address, size, value)) return;
    this.write(address, bytesOf(value, size, this.physical.byteOrder));
  }

  /**
   * A first store since {@link clone} to a page in the range: it is written for itself from now on. In Linux this is
   * where the page is copied, in a fault that the program does not see; here it was copied already.
   */
  unshare(address: bigint, size: number): boolean {
    if (this.#shared.size === 0) return false;
    let shared = false;
    for (const [at] of pieces(address, size, this.physical.pageSize))
      shared = this.#shared.delete(at >> this.#pageBits) || shared;
    return shared;
  }

  /** True if the page at an address was not stored to since the latest fork. */
  isShared(address: bigint): boolean {
    return this.#shared.has(address >> this.#pageBits);
  }

  /** A copy with pages of its own, as fork makes one. */
  clone(): AddressSpace {
    this.physical.mappings.changed();
    const copy = new AddressSpace(this.physical, this.#options);
    for (const [number, { permissions }] of this.#pages) {
      if (!permissions.write) continue;
      this.#shared.add(number);
      copy.#shared.add(number);
    }
    for (const [number, page] of this.#pages) {
      if (page.permissions === DEVICE) {
        copy.#pages.set(number, { ...page, held: false });
        continue;
      }
      const frame = this.physical.allocate();
      this.physical.frame(frame).set(this.#pool.frame(page.frame));
      copy.#pages.set(number, { frame, permissions: page.permissions, held: true });
    }
    return copy;
  }

  /** Frames that an image says it has, and that it does not release before {@link claim}: it may say what is not. */
  get claims(): readonly number[] {
    return [...this.#claims].flatMap((number) => this.#pages.get(number)?.frame ?? []);
  }

  /** The frames of an image are its own: the memory agrees. */
  claim(): void {
    for (const [number, page] of this.#pages) this.#pages.set(number, { ...page, held: this.#claims.has(number) });
    this.#claims.clear();
  }

  /** Its pages by number, and how it answers where there is none. */
  save(): ImageValue {
    const pages = [...this.#pages].map(([number, page]) => savePage(number, page, this.#shared.has(number)));
    return { demandZero: this.#options.demandZero !== false, pages };
  }

  /** The way back: these pages and no others. {@link claim} follows. */
  restore(from: ImageReader): void {
    this.#pages.clear();
    this.#recent = undefined;
    this.physical.mappings.changed();
    this.#shared.clear();
    this.#claims.clear();
    for (const saved of from.field('pages').list()) {
      const { number, page, shared, held } = readPage(saved);
      this.#pages.set(number, this.#pool.has(page.frame) ? page : { ...page, permissions: DEVICE });
      if (held) this.#claims.add(number);
      if (shared) this.#shared.add(number);
    }
  }

  #isDirect(address: bigint): boolean {
    const { directMap } = this.#options;
    return directMap !== undefined && address >= directMap.base && address < directMap.base + directMap.size;
  }

  #require(address: bigint, write: boolean, force = false): number {
    const frame = this.#frameAt(address, write, force);
    if (frame >= 0) return frame;
    const why = whyNot(this.#pages.get(address >> this.#pageBits), write);
    const message = `${write ? 'store to' : 'load from'} ${hex(address)}: ${why}`;
    throw coreError('MEMORY_FAULT', message, { address, write });
  }

  /** Where in its page a range begins that lies in a single one, as most do; -1 for any other. */
  #offsetInOne(address: bigint, size: number): number {
    const offset = this.#offsetOf(address);
    return size > 0 && offset + size <= this.physical.pageSize ? offset : -1;
  }

  #offsetOf(address: bigint): number {
    return lowHalf(address) & this.#inside;
  }
}
