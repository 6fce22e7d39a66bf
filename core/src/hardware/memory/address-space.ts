import { coreError } from '../../errors/index.js';
import { bits, type ImageReader, type ImageValue } from '../../image/index.js';
import { hex } from '../address.js';
import { PhysicalMemory } from './physical-memory.js';

/** What may be done with a page. Execution is not restricted. */
export interface PagePermissions {
  readonly read: boolean;
  readonly write: boolean;
}

/** How an address space answers accesses to pages that nobody mapped. */
export interface AddressSpaceOptions {
  /** Map a page of zeroes at the first access (default true); false: the access faults. */
  readonly demandZero?: boolean;
  /** A linear alias of physical memory: `[base, base + size)` is frame 0 onwards (the kernel's direct map). */
  readonly directMap?: { readonly base: bigint; readonly size: bigint };
}

/** How somebody reaches memory who is not the program itself. */
export interface ForceOptions {
  /** Whatever may be done with a page, it can be: as a debugger reaches a program's memory. Default false. */
  readonly force?: boolean;
}

interface Page {
  readonly frame: number;
  readonly permissions: PagePermissions;
  /** The frame is counted as this space's, too. */
  readonly held: boolean;
}

const NOTHING = new Uint8Array(0);
const READ_WRITE: PagePermissions = Object.freeze({ read: true, write: true });
/** Of a page behind which there is no memory: no access is made in the way of others. */
const DEVICE: PagePermissions = Object.freeze({ read: false, write: false });

/** Virtual addresses over physical pages. */
export class AddressSpace {
  readonly physical: PhysicalMemory;
  /** Where its pages are: in {@link physical}, until {@link release}. */
  #pool: PhysicalMemory;
  readonly #options: AddressSpaceOptions;
  readonly #pages = new Map<bigint, Page>();
  readonly #pageBits: bigint;
  /** Pages that were not stored to since the latest fork. */
  readonly #shared = new Set<bigint>();
  /** Pages of an image, see {@link claims}. */
  readonly #claims = new Set<bigint>();

  constructor(physical: PhysicalMemory, options: AddressSpaceOptions = {}) {
    this.physical = physical;
    this.#pool = physical;
    this.#options = options;
    this.#pageBits = BigInt(Math.log2(physical.pageSize));
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
    return this.#pool === this.physical ? this.#find(address, write, force) : undefined;
  }

  /** The same of a frame of the pool. */
  #find(address: bigint, write: boolean, force = false): { frame: number; offset: number } | undefined {
    const page = address >> this.#pageBits;
    const offset = Number(address & (BigInt(this.physical.pageSize) - 1n));
    const direct = this.#options.directMap;
    if (direct !== undefined && this.#isDirect(address)) {
      const frame = Number((address - direct.base) >> this.#pageBits);
      return frame < this.physical.allocated ? { frame, offset } : undefined;
    }
    let entry = this.#pages.get(page);
    if (entry === undefined) {
      if (this.#options.demandZero === false) return undefined;
      entry = { frame: this.#pool.allocate(), permissions: READ_WRITE, held: true };
      this.#pages.set(page, entry);
    }
    const { frame, permissions } = entry;
    const allowed = force ? permissions !== DEVICE : write ? permissions.write : permissions.read;
    return allowed ? { frame, offset } : undefined;
  }

  /** The first byte of the range that cannot be accessed so; `undefined` if all can. */
  firstFault(address: bigint, size: number, write: boolean): bigint | undefined {
    for (const [at] of this.#pieces(address, size)) if (this.#find(at, write) === undefined) return at;
    return undefined;
  }

  /**
   * Bytes of a range. Throws EFAULT where a page is missing or not readable. `force`: a page that is there is enough,
   * as for a debugger.
   */
  read(address: bigint, size: number, options: ForceOptions = {}): Uint8Array {
    const offset = this.#offsetInOne(address, size);
    if (offset >= 0) {
      const { frame } = this.#require(BigInt.asUintN(64, address), false, options.force);
      return this.#pool.frame(frame).slice(offset, offset + size);
    }
    const bytes = new Uint8Array(size);
    let done = 0;
    for (const [at, count] of this.#pieces(address, size)) {
      const place = this.#require(at, false, options.force);
      bytes.set(this.#pool.frame(place.frame).subarray(place.offset, place.offset + count), done);
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
    const offset = Number(address & (BigInt(this.physical.pageSize) - 1n));
    if (offset + size <= this.physical.pageSize && this.isMapped(address)) {
      const place = this.#find(address, false, force);
      return place === undefined ? NOTHING : this.#pool.frame(place.frame).slice(offset, offset + size);
    }
    const bytes = new Uint8Array(size);
    let done = 0;
    for (const [at, count] of this.#pieces(address, size)) {
      const known = this.isMapped(at);
      if (!known && (this.#isDirect(at) || this.#options.demandZero === false)) return bytes.subarray(0, done);
      const place = known ? this.#find(at, false, force) : undefined;
      if (known && place === undefined) return bytes.subarray(0, done);
      if (place !== undefined) {
        bytes.set(this.#pool.frame(place.frame).subarray(place.offset, place.offset + count), done);
      }
      done += count;
    }
    return bytes;
  }

  /** True if there is a page at the address, whatever may be done with it; false where a first access would map one. */
  isMapped(address: bigint): boolean {
    return this.#isDirect(address)
      ? this.#find(address, false) !== undefined
      : this.#pages.has(address >> this.#pageBits);
  }

  /**
   * Stores bytes; all or nothing. Throws EFAULT where a page is missing or not writable. `force`: a page that is there
   * is enough, as for a debugger.
   */
  write(address: bigint, bytes: Uint8Array, options: ForceOptions = {}): void {
    const inside = this.#offsetInOne(address, bytes.length);
    if (inside >= 0) {
      const { frame } = this.#require(BigInt.asUintN(64, address), true, options.force);
      this.unshare(address, bytes.length);
      this.#pool.frame(frame).set(bytes, inside);
      return;
    }
    const places = [...this.#pieces(address, bytes.length)].map(([at, count]) => ({
      ...this.#require(at, true, options.force),
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
    let value = 0n;
    const bytes = this.read(address, size);
    if (this.physical.byteOrder === 'big') bytes.reverse();
    for (let i = size - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[i] as number);
    return value;
  }

  /** Stores the low `size` bytes of an integer, in the memory's byte order. */
  writeInteger(address: bigint, size: number, value: bigint): void {
    const bytes = new Uint8Array(size);
    let rest = BigInt.asUintN(size * 8, value);
    for (let i = 0; i < size; i++, rest >>= 8n) bytes[i] = Number(rest & 0xffn);
    if (this.physical.byteOrder === 'big') bytes.reverse();
    this.write(address, bytes);
  }

  /**
   * A first store since {@link clone} to a page in the range: it is written for itself from now on. In Linux this is
   * where the page is copied, in a fault that the program does not see; here it was copied already.
   */
  unshare(address: bigint, size: number): boolean {
    if (this.#shared.size === 0) return false;
    let shared = false;
    for (const [at] of this.#pieces(address, size)) shared = this.#shared.delete(at >> this.#pageBits) || shared;
    return shared;
  }

  /** A copy with pages of its own, as fork makes one. */
  clone(): AddressSpace {
    const copy = new AddressSpace(this.physical, this.#options);
    for (const [number, { permissions }] of this.#pages) {
      if (!permissions.write) continue;
      this.#shared.add(number);
      copy.#shared.add(number);
    }
    for (const [number, page] of this.#pages) {
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
    const pages = [...this.#pages].map(([number, { frame, permissions, held }]) => {
      const { read, write } = permissions;
      return [bits(number), frame, (read ? 'r' : '-') + (write ? 'w' : '-'), this.#shared.has(number), held];
    });
    return { demandZero: this.#options.demandZero !== false, pages };
  }

  /** The way back: these pages and no others. {@link claim} follows. */
  restore(from: ImageReader): void {
    this.#pages.clear();
    this.#shared.clear();
    this.#claims.clear();
    for (const page of from.field('pages').list()) {
      const [number, frame, allowed, shared, held] = page.list();
      if (number === undefined || frame === undefined || allowed === undefined || !shared || !held) {
        throw page.invalid('the number of a page, its frame, what it allows, whether it is shared, and counted');
      }
      const may = allowed.oneOf('rw', 'r-', '-w', '--');
      const permissions = { read: may[0] === 'r', write: may[1] === 'w' };
      this.#pages.set(number.bits(), { frame: frame.number(), permissions, held: false });
      if (held.flag()) this.#claims.add(number.bits());
      if (shared.flag()) this.#shared.add(number.bits());
    }
  }

  #isDirect(address: bigint): boolean {
    const { directMap } = this.#options;
    return directMap !== undefined && address >= directMap.base && address < directMap.base + directMap.size;
  }

  #require(address: bigint, write: boolean, force = false): { frame: number; offset: number } {
    const place = this.#find(address, write, force);
    if (place !== undefined) return place;
    const what = `${write ? 'store to' : 'load from'} ${hex(address)}`;
    throw coreError('MEMORY_FAULT', `${what}: ${this.#whyNot(address, write)}`, { address, write });
  }

  /** Why an access cannot be made. */
  #whyNot(address: bigint, write: boolean): string {
    const permissions = this.#pages.get(address >> this.#pageBits)?.permissions;
    if (permissions === undefined) return 'no page is mapped there';
    if (permissions === DEVICE) return 'the page there is a device, which has no memory';
    return `the page there may not be ${write ? 'written' : 'read'}`;
  }

  /** Where in its page a range begins that lies in a single one, as most do; -1 for any other. */
  #offsetInOne(address: bigint, size: number): number {
    const offset = Number(address & (BigInt(this.physical.pageSize) - 1n));
    return size > 0 && offset + size <= this.physical.pageSize ? offset : -1;
  }

  /** The parts of a range that lie in one page each: address and byte count. Addresses wrap at 2^64. */
  *#pieces(address: bigint, size: number): Generator<[bigint, number]> {
    const pageSize = this.physical.pageSize;
    let at = BigInt.asUintN(64, address);
    for (let left = size; left > 0; ) {
      const count = Math.min(left, pageSize - Number(at & (BigInt(pageSize) - 1n)));
      yield [at, count];
      at = BigInt.asUintN(64, at + BigInt(count));
      left -= count;
    }
  }
}
