import {
  CONDITION_FETCH,
  CONDITION_READ,
  CONDITION_WRITE,
  highHalf,
  isBelow,
  lowHalf,
  rangesOverlap,
  type WatchFilter,
} from '@hwbp/core';
import type { Riscv64Config } from '../options.js';
import {
  CHAIN,
  EXECUTE,
  HIT_SHIFT,
  HIT0_SHIFT,
  HIT1_SHIFT,
  LOAD,
  M_MODE,
  MASKMAX_SHIFT,
  MATCH_EQUAL,
  MATCH_GE,
  MATCH_LT,
  MATCH_MASK_HIGH,
  MATCH_MASK_LOW,
  MATCH_NAPOT,
  MATCH_SHIFT,
  S_MODE,
  SIZE_HIGH_SHIFT,
  SIZE_SHIFT,
  STORE,
  TIMING_SHIFT,
  TYPE_DISABLED,
  TYPE_MCONTROL,
  TYPE_MCONTROL6,
  TYPE_SHIFT,
  U_MODE,
  VS_MODE,
  VU_MODE,
} from './csr.js';

/** Bits of {@link Trigger.modes}. */
export const MODE_U = 1;
export const MODE_S = 2;
export const MODE_M = 4;
export const MODE_VU = 8;
export const MODE_VS = 16;

/** Bytes of an access that each value of `size` matches; 0: any. */
const SIZES_MCONTROL6 = [0, 1, 2, 4, 6, 8, 16];
const SIZES_MCONTROL = [0, 1, 2, 4, 6, 8, 10, 12, 14, 16];

/** Long enough to cover the whole of the filter's table: for ranges that have no end. */
const EVERYTHING = 2 ** 31;

/**
 * textra64: every field that is implemented: mhvalue 63:51, mhselect 50:48 (0 and 4), sbytemask 39:36, svalue 33:2,
 * sselect 1:0 (0 and 1). Drafts before 1.0 had 34 bits of svalue, and of scontext.
 */
const SSELECT_SCONTEXT = 1n;
const MHSELECT_MCONTEXT = 4n;

const bits = (value: bigint, shift: bigint, width: bigint): bigint => (value >> shift) & ((1n << width) - 1n);

/** The lowest bit that is 0, by its number. */
function lowestZero(value: bigint): number {
  let index = 0;
  while ((value >> BigInt(index)) & 1n) index++;
  return index;
}

/**
 * One address trigger: its three registers, write-any-read-legal, and what they say in a form that compares quickly.
 */
export class Trigger {
  readonly index: number;
  type = TYPE_DISABLED;
  conditions = 0;
  modes = 0;
  chain = false;
  hit = 0;
  readonly #config: Riscv64Config;
  readonly #maskmax: number;
  #tdata2 = 0n;
  #tdata3 = 0n;
  #match = MATCH_EQUAL;
  /** As encoded, and the bytes that it stands for. */
  #size = 0;
  #bytes = 0;
  #hi = 0;
  #lo = 0;
  #length = 1;
  #inContext = true;

  constructor(index: number, config: Riscv64Config) {
    this.index = index;
    this.#config = config;
    this.#maskmax = Math.log2(config.largestRange);
  }

  get tdata1(): bigint {
    const type = BigInt(this.type) << TYPE_SHIFT;
    if (this.type === TYPE_DISABLED) return type;
    const size = BigInt(this.#size);
    const common =
      type |
      (this.conditions & CONDITION_READ ? LOAD : 0n) |
      (this.conditions & CONDITION_WRITE ? STORE : 0n) |
      (this.conditions & CONDITION_FETCH ? EXECUTE : 0n) |
      (this.modes & MODE_U ? U_MODE : 0n) |
      (this.modes & MODE_S ? S_MODE : 0n) |
      (this.modes & MODE_M ? M_MODE : 0n) |
      (BigInt(this.#match) << MATCH_SHIFT) |
      (this.chain ? CHAIN : 0n);
    if (this.type === TYPE_MCONTROL) {
      const after = this.#config.dataTiming === 'after' && (this.conditions & CONDITION_FETCH) === 0;
      return (
        common |
        ((size & 3n) << SIZE_SHIFT) |
        ((size >> 2n) << SIZE_HIGH_SHIFT) |
        ((after ? 1n : 0n) << TIMING_SHIFT) |
        ((this.hit === 0 ? 0n : 1n) << HIT_SHIFT) |
        (BigInt(this.#maskmax) << MASKMAX_SHIFT)
      );
    }
    return (
      common |
      (size << SIZE_SHIFT) |
      (this.modes & MODE_VU ? VU_MODE : 0n) |
      (this.modes & MODE_VS ? VS_MODE : 0n) |
      (BigInt(this.hit & 1) << HIT0_SHIFT) |
      (BigInt(this.hit >> 1) << HIT1_SHIFT)
    );
  }

  set tdata1(value: bigint) {
    const type = Number(value >> TYPE_SHIFT);
    const implemented = this.#config.triggerType === 'mcontrol6' ? TYPE_MCONTROL6 : TYPE_MCONTROL;
    if (type !== implemented) {
      this.type = TYPE_DISABLED;
      this.conditions = 0;
      this.chain = false;
      this.hit = 0;
      return;
    }
    this.type = type;
    this.conditions =
      (value & LOAD ? CONDITION_READ : 0) |
      (value & STORE ? CONDITION_WRITE : 0) |
      (value & EXECUTE ? CONDITION_FETCH : 0);
    this.modes = (value & U_MODE ? MODE_U : 0) | (value & S_MODE ? MODE_S : 0) | (value & M_MODE ? MODE_M : 0);
    const six = type === TYPE_MCONTROL6;
    if (six) this.modes |= (value & VU_MODE ? MODE_VU : 0) | (value & VS_MODE ? MODE_VS : 0);
    // A chain ends with the last trigger.
    this.chain = (value & CHAIN) !== 0n && this.index < this.#config.triggers - 1;
    const match = Number(bits(value, MATCH_SHIFT, 4n));
    const legal = match <= MATCH_MASK_HIGH && (match !== MATCH_NAPOT || lowestZero(this.#tdata2) < this.#maskmax);
    this.#match = legal ? match : MATCH_EQUAL;
    // The length of an instruction that is fetched is not known here: with execute only "any" is legal.
    const size = six
      ? Number(bits(value, SIZE_SHIFT, 3n))
      : Number(bits(value, SIZE_SHIFT, 2n) | (bits(value, SIZE_HIGH_SHIFT, 2n) << 2n));
    const sizes = six ? SIZES_MCONTROL6 : SIZES_MCONTROL;
    this.#size = this.conditions & CONDITION_FETCH || sizes[size] === undefined ? 0 : size;
    this.#bytes = sizes[this.#size] ?? 0;
    const hit = six
      ? Number(bits(value, HIT0_SHIFT, 1n) | (bits(value, HIT1_SHIFT, 1n) << 1n))
      : Number(bits(value, HIT_SHIFT, 1n));
    this.hit = this.#config.hitBits ? hit : 0;
    this.#decode();
  }

  get tdata2(): bigint {
    return this.#tdata2;
  }

  set tdata2(value: bigint) {
    const top = 1n << BigInt(this.#maskmax - 1);
    const tooLarge = this.#match === MATCH_NAPOT && this.type !== TYPE_DISABLED && lowestZero(value) >= this.#maskmax;
    this.#tdata2 = tooLarge ? value & ~top : value;
    this.#decode();
  }

  get tdata3(): bigint {
    return this.#tdata3;
  }

  /** Writes textra64; `inContext` says whether its conditions hold now. */
  setTdata3(value: bigint, scontext: bigint, mcontext: bigint): void {
    const sselect = bits(value, 0n, 2n) === SSELECT_SCONTEXT ? SSELECT_SCONTEXT : 0n;
    const mhselect = bits(value, 48n, 3n) === MHSELECT_MCONTEXT ? MHSELECT_MCONTEXT : 0n;
    this.#tdata3 =
      sselect |
      (bits(value, 2n, 32n) << 2n) |
      (bits(value, 36n, 4n) << 36n) |
      (mhselect << 48n) |
      (bits(value, 51n, 13n) << 51n);
    this.compareContext(scontext, mcontext);
  }

  /** The contexts changed. */
  compareContext(scontext: bigint, mcontext: bigint): void {
    let ignored = 0n;
    for (let byte = 0n; byte < 4n; byte++) {
      if (bits(this.#tdata3, 36n + byte, 1n)) ignored |= 0xffn << (8n * byte);
    }
    const supervisor =
      bits(this.#tdata3, 0n, 2n) === 0n || ((scontext ^ bits(this.#tdata3, 2n, 32n)) & ~ignored) === 0n;
    const machine = bits(this.#tdata3, 48n, 3n) === 0n || mcontext === bits(this.#tdata3, 51n, 13n);
    this.#inContext = supervisor && machine;
  }

  /** Keeps the filter armed, under this number, for all that could match. */
  arm(filter: WatchFilter, number: number): void {
    if (this.conditions === 0) filter.disarm(number);
    else if (this.#match <= MATCH_NAPOT) filter.arm(number, this.conditions, this.#hi, this.#lo, this.#length);
    else filter.arm(number, this.conditions, 0, 0, EVERYTHING);
  }

  matches(condition: number, mode: number, hi: number, lo: number, size: number): boolean {
    if ((this.conditions & condition) === 0 || (this.modes & mode) === 0 || !this.#inContext) return false;
    if (this.#bytes !== 0 && this.#bytes !== size) return false;
    return this.#compares(hi, lo, this.#config.compareValues === 'all' ? size : 1);
  }

  /** True if any of `count` compare values from this address on matches. */
  #compares(hi: number, lo: number, count: number): boolean {
    if (this.#match <= MATCH_NAPOT) return rangesOverlap(hi, lo, count, this.#hi, this.#lo, this.#length);
    const lastLo = (lo + count - 1) | 0;
    const lastHi = (hi + (lastLo >>> 0 < lo >>> 0 ? 1 : 0)) | 0;
    const wraps = isBelow(lastHi, lastLo, hi, lo);
    switch (this.#match) {
      case MATCH_GE:
        return wraps || !isBelow(lastHi, lastLo, this.#hi, this.#lo);
      case MATCH_LT:
        return wraps || isBelow(hi, lo, this.#hi, this.#lo);
      case MATCH_MASK_LOW:
        for (let i = 0; i < count; i++) if (((lo + i) & this.#hi) === this.#lo) return true;
        return false;
      default:
        return (hi & this.#hi) === this.#lo || (lastHi & this.#hi) === this.#lo;
    }
  }

  #decode(): void {
    let first = this.#tdata2;
    this.#length = 1;
    if (this.#match === MATCH_NAPOT) {
      this.#length = 2 ** (lowestZero(first) + 1);
      first -= first % BigInt(this.#length);
    }
    this.#hi = highHalf(first);
    this.#lo = lowHalf(first);
  }
}
