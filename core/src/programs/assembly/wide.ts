import { highHalf, joinHalves, lowHalf } from '../../hardware/index.js';

/*
 * Arithmetic of 64 bits on halves in a file of registers, the low half first: what takes more than a line of the loop
 * that executes an assembly. `to`, `a` and `b` are places of low halves.
 */

/** The low 64 bits of a product: in digits of 16 bits, so that no part of it is rounded. */
export function multiply(file: Int32Array, to: number, a: number, b: number): void {
  const aLo = file[a] as number;
  const bLo = file[b] as number;
  const aHi = file[a + 1] as number;
  const bHi = file[b + 1] as number;
  const a0 = aLo & 0xffff;
  const a1 = aLo >>> 16;
  const b0 = bLo & 0xffff;
  const b1 = bLo >>> 16;
  const low = a0 * b0;
  const middle = a1 * b0 + (low >>> 16);
  const other = a0 * b1 + (middle & 0xffff);
  const high = a1 * b1 + Math.floor(middle / 0x1_0000) + Math.floor(other / 0x1_0000);
  file[to] = (low & 0xffff) | (other << 16);
  file[to + 1] = (high + Math.imul(aLo, bHi) + Math.imul(aHi, bLo)) | 0;
}

/** A shift to the left by the low six bits of `b`. */
export function shiftLeft(file: Int32Array, to: number, a: number, b: number): void {
  const lo = file[a] as number;
  const hi = file[a + 1] as number;
  const count = (file[b] as number) & 63;
  file[to] = count < 32 ? lo << count : 0;
  file[to + 1] = count === 0 ? hi : count < 32 ? (hi << count) | (lo >>> (32 - count)) : lo << count;
}

/** A shift to the right by the low six bits of `b`: `fill` comes from above. */
export function shiftRight(file: Int32Array, to: number, a: number, b: number, fill: number): void {
  const lo = file[a] as number;
  const hi = file[a + 1] as number;
  const count = (file[b] as number) & 63;
  const top = fill === 0 ? hi >>> count : hi >> count;
  file[to] = count === 0 ? lo : count < 32 ? (lo >>> count) | (hi << (32 - count)) : top;
  file[to + 1] = count < 32 ? top : fill;
}

/** Unsigned quotient or remainder; of a division by 0 all bits set, or the number itself, as RISC-V has it. */
export function divide(file: Int32Array, to: number, a: number, b: number, remainder: boolean): void {
  const number = joinHalves(file[a + 1] as number, file[a] as number);
  const by = joinHalves(file[b + 1] as number, file[b] as number);
  const result = by === 0n ? (remainder ? number : -1n) : remainder ? number % by : number / by;
  file[to] = lowHalf(result);
  file[to + 1] = highHalf(result);
}

/** True if the number at `a` is below the one at `b`. */
export function isLess(file: Int32Array, a: number, b: number, signed: boolean): boolean {
  const aHi = file[a + 1] as number;
  const bHi = file[b + 1] as number;
  if (aHi === bHi) return (file[a] as number) >>> 0 < (file[b] as number) >>> 0;
  return signed ? aHi < bHi : aHi >>> 0 < bHi >>> 0;
}

/** Loads from a page: `width` is a place in `WIDTHS`. */
export function loadWide(
  file: Int32Array,
  to: number,
  view: DataView,
  at: number,
  width: number,
  little: boolean,
): void {
  let lo: number;
  let hi = 0;
  switch (width) {
    case 0:
      lo = view.getInt32(little ? at : at + 4, little);
      hi = view.getInt32(little ? at + 4 : at, little);
      break;
    case 1:
      lo = view.getUint8(at);
      break;
    case 2:
      lo = view.getUint16(at, little);
      break;
    case 3:
      lo = view.getInt32(at, little);
      break;
    case 4:
      lo = view.getInt8(at);
      hi = lo >> 31;
      break;
    case 5:
      lo = view.getInt16(at, little);
      hi = lo >> 31;
      break;
    default:
      lo = view.getInt32(at, little);
      hi = lo >> 31;
  }
  file[to] = lo;
  file[to + 1] = hi;
}

/** Stores halves to a page, as many bytes of them as the width has. */
export function storeWide(view: DataView, at: number, width: number, little: boolean, lo: number, hi: number): void {
  switch (width) {
    case 0:
      view.setInt32(little ? at : at + 4, lo, little);
      view.setInt32(little ? at + 4 : at, hi, little);
      break;
    case 1:
    case 4:
      view.setInt8(at, lo);
      break;
    case 2:
    case 5:
      view.setInt16(at, lo, little);
      break;
    default:
      view.setInt32(at, lo, little);
  }
}

/** Bits of the low half that an access of a width has. */
const MASKS = Int32Array.of(-1, 0xff, 0xffff, -1, 0xff, 0xffff, -1);
const before = new Int32Array(2);

/** An atomic access: `kind` 27 adds, 28 compares, any other replaces. The register at `to` gets what was there. */
export function exchange(
  kind: number,
  file: Int32Array,
  to: number,
  by: number,
  view: DataView,
  place: number,
  width: number,
  little: boolean,
): void {
  loadWide(before, 0, view, place, width, little);
  const oldLo = before[0] as number;
  const oldHi = before[1] as number;
  let lo = file[by] as number;
  let hi = file[by + 1] as number;
  if (kind === 27) {
    const sum = (oldLo + lo) | 0;
    hi = oldHi + hi + (sum >>> 0 < lo >>> 0 ? 1 : 0);
    lo = sum;
  } else if (kind === 28) {
    const same = ((oldLo ^ (file[to] as number)) & (MASKS[width] as number)) === 0;
    if (!same || (width === 0 && oldHi !== file[to + 1])) {
      lo = oldLo;
      hi = oldHi;
    }
  }
  storeWide(view, place, width, little, lo, hi);
  file[to] = oldLo;
  file[to + 1] = oldHi;
}
