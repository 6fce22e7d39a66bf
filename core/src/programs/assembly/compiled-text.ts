import {
  type Context,
  type Cpu,
  highHalf,
  joinHalves,
  lowHalf,
  type Mmu,
  type RegisterRoles,
} from '../../hardware/index.js';
import { type Encoded, FIELDS, FIRST_CONSTANT } from './encode.js';
import type { Layout } from './layout.js';
import { FIRST_LEFT } from './operations.js';
import { namesOf, resultOf } from './registers.js';
import { divide, exchange, isLess, loadWide, multiply, shiftLeft, shiftRight, storeWide } from './wide.js';

/** Place of the stack pointer's low half in the file of registers. */
const STACK = 30;
/** What the accesses of instructions are, by code; where none has any, 0. */
const LOADS = 1;
const STORES = 2;
const TO_STACK = 4;
const REACHES = new Uint8Array(64);
for (const code of [13, 23, 25, 26, 27, 28]) REACHES[code] = LOADS;
for (const code of [14, 22, 24, 26, 27, 28]) REACHES[code] = (REACHES[code] as number) | STORES;
for (const code of [22, 23, 24, 25]) REACHES[code] = (REACHES[code] as number) | TO_STACK;
/** Bytes of each of `WIDTHS`. */
const SIZES = Uint8Array.of(8, 1, 2, 4, 1, 2, 4);

/**
 * The instructions of an assembly, executed without a description of any: registers are halves in an array, an access
 * takes the filter's table and the page's bytes. It stops in front of whatever is more than that: an instruction or an
 * access that may be watched, a page that is missing or shared, and what {@link FIRST_LEFT} leaves to the CPU.
 */
export class CompiledText {
  readonly #encoded: Encoded;
  readonly #code: Int32Array;
  /** Halves of registers and constants, the low one first. */
  readonly #file: Int32Array;
  /** As they were when they were loaded: what is still the same is not written back. */
  readonly #loaded: Int32Array;
  /** Of each instruction, where a filter's table has its address. */
  readonly #fetch: Uint16Array;
  readonly #textHi: number;
  readonly #textLo: number;
  readonly #length: number;
  readonly #scratch = new Int32Array(2);
  #at = 0;
  /** The one in front of it in time. */
  #last = 0;
  #roles: RegisterRoles | undefined;
  #names: readonly string[] = [];
  /** Place of the register that results come in. */
  #result = 0;

  constructor(layout: Layout, encoded: Encoded) {
    const count = layout.instructions.length;
    this.#encoded = encoded;
    this.#code = encoded.code;
    this.#file = new Int32Array(2 * (FIRST_CONSTANT + encoded.constants.length));
    this.#loaded = new Int32Array(2 * FIRST_CONSTANT);
    for (const [index, value] of encoded.constants.entries()) this.#set(FIRST_CONSTANT + index, value);
    this.#textHi = highHalf(layout.text);
    this.#textLo = lowHalf(layout.text);
    this.#length = layout.length;
    this.#fetch = Uint16Array.from(
      { length: count },
      (_, i) => 0x2000 | (((this.#textLo + i * layout.length) >>> 3) & 0xfff),
    );
  }

  /** The instruction that comes behind what {@link run} has executed. */
  get at(): number {
    return this.#at;
  }

  /**
   * Executes up to `most` instructions from `at` on, and returns how many. Not where the CPU is to be careful. The
   * registers of its context are what they would be behind the last of them.
   */
  run(cpu: Cpu, at: number, most: number): number {
    const { context, roles, mmu, unit } = cpu;
    if ((this.#code[at * FIELDS] as number) >= FIRST_LEFT) return 0;
    const { table } = unit.filter;
    if (table[this.#fetch[at] as number] !== 0) return 0;
    if (roles !== this.#roles) this.#call(roles);
    this.#load(context);
    this.#at = at;
    const { byteOrder, pageSize } = cpu.bus.memory;
    const done = this.#loop(mmu, table, context.mode === 'user', byteOrder === 'little', pageSize, most);
    if (done === 0) return 0;
    this.#keep(context);
    cpu.begin(this.#textHi, this.#textLo + this.#last * this.#length);
    cpu.retire(this.#textHi, this.#textLo + this.#at * this.#length);
    return done;
  }

  /**
   * The loop: codes are written out, for V8 would load an imported one anew for each instruction. See `operations.ts`.
   */
  #loop(mmu: Mmu, table: Uint8Array, user: boolean, little: boolean, pageSize: number, most: number): number {
    const code = this.#code;
    const file = this.#file;
    const fetch = this.#fetch;
    const scratch = this.#scratch;
    const inside = pageSize - 1;
    let at = this.#at;
    let last = this.#last;
    let done = 0;
    while (done < most) {
      if (table[fetch[at] as number] !== 0) break;
      const base = at << 3;
      const operation = code[base] as number;
      const to = (code[base + 1] as number) << 1;
      const a = (code[base + 2] as number) << 1;
      const b = (code[base + 3] as number) << 1;
      let next = at + 1;
      if (operation <= 12) {
        compute(file, operation, to, a, b);
      } else if (operation < 15 || (operation >= 22 && operation <= 28)) {
        // An access: of a push, a call, a pop and a return to the stack, which has no offset but to grow.
        const reach = REACHES[operation] as number;
        const from = (reach & TO_STACK) !== 0 ? STACK : a;
        const offset = code[base + 6] as number;
        const lo = ((file[from] as number) + offset) | 0;
        const carry = lo >>> 0 < offset >>> 0 ? 1 : 0;
        const hi = ((file[from + 1] as number) + (code[base + 7] as number) + carry) | 0;
        const granule = (lo >>> 3) & 0xfff;
        if ((reach & LOADS) !== 0 && table[granule] !== 0) break;
        if ((reach & STORES) !== 0 && table[0x1000 | granule] !== 0) break;
        const view = mmu.viewAt(user, hi, lo, (reach & STORES) !== 0);
        if (view === undefined) break;
        const width = code[base + 4] as number;
        const place = lo & inside;
        if (place + (SIZES[width] as number) > inside + 1) break;
        switch (operation) {
          case 13: // load
            loadWide(file, to, view, place, width, little);
            break;
          case 14: // store
            storeWide(view, place, width, little, file[b] as number, file[b + 1] as number);
            break;
          case 22: // call
            next = code[base + 5] as number;
            if (next < 0) next = this.#index(file[to + 1] as number, file[to] as number);
            if (next < 0) return this.#stop(at, last, done);
            storeWide(view, place, 0, little, (this.#textLo + (at + 1) * this.#length) | 0, this.#textHi);
            file[STACK] = lo;
            file[STACK + 1] = hi;
            break;
          case 23: // ret
            loadWide(scratch, 0, view, place, 0, little);
            next = this.#index(scratch[1] as number, scratch[0] as number);
            if (next < 0) return this.#stop(at, last, done);
            raiseStack(file);
            break;
          case 24: // push
            storeWide(view, place, 0, little, file[to] as number, file[to + 1] as number);
            file[STACK] = lo;
            file[STACK + 1] = hi;
            break;
          case 25: // pop
            raiseStack(file);
            loadWide(file, to, view, place, 0, little);
            break;
          default:
            exchange(operation, file, to, b, view, place, width, little);
        }
      } else if (operation <= 20) {
        if (holds(file, operation, to, a)) next = code[base + 5] as number;
      } else if (operation === 21) {
        // jmp
        next = code[base + 5] as number;
        if (next < 0) next = this.#index(file[to + 1] as number, file[to] as number);
        if (next < 0) break;
      } else if (operation === 31) {
        // result
        file[to] = file[this.#result] as number;
        file[to + 1] = file[this.#result + 1] as number;
      } else if (operation > 31) break;
      last = at;
      at = next;
      done++;
    }
    return this.#stop(at, last, done);
  }

  #stop(at: number, last: number, done: number): number {
    this.#at = at;
    this.#last = last;
    return done;
  }

  /** The instruction at an address; -1: none of these begins there. */
  #index(hi: number, lo: number): number {
    if (hi !== this.#textHi) return -1;
    const offset = (lo - this.#textLo) >>> 0;
    const index = (offset / this.#length) | 0;
    return index < this.#fetch.length && index * this.#length === offset ? index : -1;
  }

  /** The registers are called so. */
  #call(roles: RegisterRoles): void {
    this.#roles = roles;
    this.#names = namesOf(roles);
    this.#result = 2 * resultOf(roles);
  }

  #set(slot: number, value: bigint): void {
    this.#file[2 * slot] = lowHalf(value);
    this.#file[2 * slot + 1] = highHalf(value);
  }

  #load(context: Context): void {
    const names = this.#names;
    for (const slot of this.#encoded.used) this.#set(slot, context.get(names[slot] as string));
    this.#loaded.set(this.#file.subarray(0, 2 * FIRST_CONSTANT));
  }

  #keep(context: Context): void {
    const [names, file, loaded] = [this.#names, this.#file, this.#loaded];
    for (const slot of this.#encoded.used) {
      const [lo, hi] = [file[2 * slot] as number, file[2 * slot + 1] as number];
      if (lo === loaded[2 * slot] && hi === loaded[2 * slot + 1]) continue;
      context.set(names[slot] as string, joinHalves(hi, lo));
    }
  }
}

/** The top of the stack is 8 bytes higher. */
function raiseStack(file: Int32Array): void {
  const lo = ((file[STACK] as number) + 8) | 0;
  file[STACK] = lo;
  if (lo >>> 0 < 8) file[STACK + 1] = (file[STACK + 1] as number) + 1;
}

/** Arithmetic, and moves. */
function compute(file: Int32Array, operation: number, to: number, a: number, b: number): void {
  const aLo = file[a] as number;
  const aHi = file[a + 1] as number;
  switch (operation) {
    case 1: // mov
      file[to] = aLo;
      file[to + 1] = aHi;
      return;
    case 4:
      multiply(file, to, a, b);
      return;
    case 8:
      shiftLeft(file, to, a, b);
      return;
    case 9:
      shiftRight(file, to, a, b, 0);
      return;
    case 10:
      shiftRight(file, to, a, b, aHi >> 31);
      return;
    case 11:
    case 12:
      divide(file, to, a, b, operation === 12);
      return;
    default:
  }
  const bLo = file[b] as number;
  const bHi = file[b + 1] as number;
  switch (operation) {
    case 2: {
      const lo = (aLo + bLo) | 0;
      file[to] = lo;
      file[to + 1] = aHi + bHi + (lo >>> 0 < bLo >>> 0 ? 1 : 0);
      return;
    }
    case 3:
      file[to] = aLo - bLo;
      file[to + 1] = aHi - bHi - (aLo >>> 0 < bLo >>> 0 ? 1 : 0);
      return;
    case 5:
      file[to] = aLo & bLo;
      file[to + 1] = aHi & bHi;
      return;
    case 6:
      file[to] = aLo | bLo;
      file[to + 1] = aHi | bHi;
      return;
    default: // xor
      file[to] = aLo ^ bLo;
      file[to + 1] = aHi ^ bHi;
  }
}

/** Whether a branch is taken. */
function holds(file: Int32Array, operation: number, a: number, b: number): boolean {
  switch (operation) {
    case 15:
      return file[a] === file[b] && file[a + 1] === file[b + 1];
    case 16:
      return file[a] !== file[b] || file[a + 1] !== file[b + 1];
    case 17:
      return isLess(file, a, b, true);
    case 18:
      return !isLess(file, a, b, true);
    case 19:
      return isLess(file, a, b, false);
    default:
      return !isLess(file, a, b, false);
  }
}
