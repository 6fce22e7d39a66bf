/*
 * Addresses are bigints at public boundaries and two 32-bit halves where accesses are checked. The halves are kept as
 * int32 because V8 holds those without allocation; nothing may depend on their sign.
 */
const cell = new BigUint64Array(1);
const words = new Int32Array(cell.buffer);
const LOW = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1 ? 0 : 1;
const HIGH = 1 - LOW;

/** The low 32 bits of an address, as an int32. */
export function lowHalf(address: bigint): number {
  cell[0] = address;
  return words[LOW] as number;
}

/** The high 32 bits of an address, as an int32. */
export function highHalf(address: bigint): number {
  cell[0] = address;
  return words[HIGH] as number;
}

/** The address made of two 32-bit halves of either sign. */
export function joinHalves(hi: number, lo: number): bigint {
  words[LOW] = lo;
  words[HIGH] = hi;
  return cell[0] as bigint;
}

/** An address as `0x` and lower-case hexadecimal digits. */
export function hex(address: bigint): string {
  return `0x${BigInt.asUintN(64, address).toString(16)}`;
}

/** True if address a lies below b, both in halves of either sign. */
export function isBelow(aHi: number, aLo: number, bHi: number, bLo: number): boolean {
  return aHi >>> 0 < bHi >>> 0 || ((aHi | 0) === (bHi | 0) && aLo >>> 0 < bLo >>> 0);
}

/** True if `[a, a + aLength)` and `[b, b + bLength)` share a byte; lengths in bytes, below 2^53; wraps at 2^64. */
export function rangesOverlap(
  aHi: number,
  aLo: number,
  aLength: number,
  bHi: number,
  bLo: number,
  bLength: number,
): boolean {
  const low = ((aLo >>> 0) - (bLo >>> 0)) | 0;
  const borrow = aLo >>> 0 < bLo >>> 0 ? 1 : 0;
  const high = (aHi - bHi - borrow) | 0;
  // a lies `distance` bytes above b: it overlaps if that is less than b's length, or if b lies less than a's length
  // above a.
  if (high === 0) return low >>> 0 < bLength;
  const distance = high * 0x1_0000_0000 + (low >>> 0);
  return distance > 0 ? distance < bLength : -distance < aLength;
}
