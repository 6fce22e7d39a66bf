/*
 * RFLAGS of a guest, but for TF and RF, which its Context has: a debug unit asks for those.
 */

export const FLAG_CF = 0x1n;
/** Reads 1. */
export const FLAG_FIXED = 0x2n;
export const FLAG_PF = 0x4n;
export const FLAG_AF = 0x10n;
export const FLAG_ZF = 0x40n;
export const FLAG_SF = 0x80n;
export const FLAG_TF = 0x100n;
export const FLAG_IF = 0x200n;
export const FLAG_DF = 0x400n;
export const FLAG_OF = 0x800n;
export const FLAG_IOPL = 0x3000n;
export const FLAG_RF = 0x10000n;
/** What arithmetic writes. */
export const ARITHMETIC = FLAG_CF | FLAG_PF | FLAG_AF | FLAG_ZF | FLAG_SF | FLAG_OF;
/** What POPF and IRET write, TF and RF aside: arithmetic, IF, DF, NT, AC, ID. */
export const POPPED = ARITHMETIC | FLAG_IF | FLAG_DF | 0x4000n | 0x40000n | 0x200000n;

/** ZF, SF and PF of a result of so many bytes. */
function resultFlags(result: bigint, size: number): bigint {
  const value = BigInt.asUintN(8 * size, result);
  let flags = value === 0n ? FLAG_ZF : 0n;
  if (value >> BigInt(8 * size - 1) === 1n) flags |= FLAG_SF;
  let ones = 0;
  for (let low = Number(value & 0xffn); low !== 0; low >>= 1) ones += low & 1;
  return ones % 2 === 0 ? flags | FLAG_PF : flags;
}

/** Flags behind AND, OR and XOR. */
export function logicFlags(flags: bigint, result: bigint, size: number): bigint {
  return (flags & ~ARITHMETIC) | resultFlags(result, size);
}

/** Flags behind an addition; `carry` is added too. */
export function addFlags(flags: bigint, a: bigint, b: bigint, size: number, carry = 0n): bigint {
  const bits = 8 * size;
  const [left, right] = [BigInt.asUintN(bits, a), BigInt.asUintN(bits, b)];
  const sum = left + right + carry;
  let set = resultFlags(sum, size);
  if (sum >> BigInt(bits) !== 0n) set |= FLAG_CF;
  if ((left & 0xfn) + (right & 0xfn) + carry > 0xfn) set |= FLAG_AF;
  const signed = BigInt.asIntN(bits, left) + BigInt.asIntN(bits, right) + carry;
  if (signed !== BigInt.asIntN(bits, sum)) set |= FLAG_OF;
  return (flags & ~ARITHMETIC) | set;
}

/** Flags behind INC, which leaves CF. */
export function incrementFlags(flags: bigint, old: bigint, size: number): bigint {
  return (addFlags(flags, old, 1n, size) & ~FLAG_CF) | (flags & FLAG_CF);
}
