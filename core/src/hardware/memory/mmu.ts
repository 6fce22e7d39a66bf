import { highHalf, isBelow, lowHalf } from '../address.js';
import type { Mode } from '../context.js';
import type { AddressSpace } from './address-space.js';

/** Bytes of an access that needs no arithmetic to be known to end where it may. */
const NEAR = 64;

/** What the software that owns a CPU has told it of memory. */
export interface Translation {
  /** Below {@link border}: the process that runs; `undefined`: nothing of its own, the kernel's space is everywhere. */
  readonly user: AddressSpace | undefined;
  readonly kernel: AddressSpace;
  /** First address above user space: user mode ends where it begins. */
  readonly border: bigint;
}

/** How one CPU finds memory: two address spaces, one below a border and one from there on. */
export class Mmu {
  #user: AddressSpace | undefined;
  #kernel: AddressSpace;
  #border: bigint;
  /** An access of up to {@link NEAR} bytes below it ends below the border. */
  #nearly: bigint;
  /** Halves of the border; there is none above 64 bits. */
  #borderHi = 0;
  #borderLo = 0;
  #bordered = false;
  /** It lies inside a page: what user mode accesses there is looked at closely. */
  #ragged = false;

  constructor({ user, kernel, border }: Translation) {
    this.#user = user;
    this.#kernel = kernel;
    this.#border = border;
    this.#nearly = border - BigInt(NEAR);
    this.#keepHalves();
  }

  /** What is in force, to be put back later. */
  get translation(): Translation {
    return { user: this.#user, kernel: this.#kernel, border: this.#border };
  }

  /** Another process runs, or none. */
  enter(user: AddressSpace | undefined): void {
    this.#user = user;
  }

  /** Somebody else owns the CPU now. */
  load({ user, kernel, border }: Translation): void {
    this.#user = user;
    this.#kernel = kernel;
    this.#border = border;
    this.#nearly = border - BigInt(NEAR);
    this.#keepHalves();
  }

  #keepHalves(): void {
    this.#borderHi = highHalf(this.#border);
    this.#borderLo = lowHalf(this.#border);
    this.#bordered = this.#border < 1n << 64n;
    this.#ragged = (this.#borderLo & (this.#kernel.physical.pageSize - 1)) !== 0;
  }

  /** The memory that an access at this address reaches. */
  at(address: bigint): AddressSpace {
    return this.#user === undefined || address >= this.#border ? this.#kernel : this.#user;
  }

  /** The first byte of a range that may not be accessed in this mode; `undefined` if all may. */
  firstFault(mode: Mode, address: bigint, size: number, write: boolean): bigint | undefined {
    const fault = this.at(address).firstFault(address, size, write);
    if (mode !== 'user' || (size <= NEAR && address < this.#nearly)) return fault;
    if (address + BigInt(size) <= this.#border) return fault;
    if (address >= this.#border) return address;
    return fault ?? this.#border;
  }

  /** The physical address behind which a device, and no memory, answers in this mode; `undefined` for any other. */
  deviceAt(mode: Mode, address: bigint): bigint | undefined {
    return mode === 'user' && address >= this.#border ? undefined : this.at(address).deviceAt(address);
  }

  /**
   * The bytes of the page around an address, given in halves, that a program in this mode may access as it likes: see
   * `PageViews.at`. `undefined` asks for the long way.
   */
  viewAt(user: boolean, hi: number, lo: number, write: boolean): DataView | undefined {
    const below = !this.#bordered || isBelow(hi, lo, this.#borderHi, this.#borderLo);
    if (user && (!below || this.#ragged)) return undefined;
    const space = below && this.#user !== undefined ? this.#user : this.#kernel;
    return space.views.at(hi, lo, write);
  }
}
