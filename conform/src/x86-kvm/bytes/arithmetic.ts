import { ARITHMETIC, addFlags, FLAG_AF, FLAG_CF, FLAG_OF, logicFlags } from '../guest/guest-flags.js';

/** What an operation leaves. */
export interface Computed {
  readonly result: bigint;
  readonly flags: bigint;
}

/** An operation on two values of so many bytes, and RFLAGS. */
export type Operation = (flags: bigint, a: bigint, b: bigint, size: number) => Computed;

const cut = (value: bigint, size: number): bigint => BigInt.asUintN(8 * size, value);

const logic =
  (combine: (a: bigint, b: bigint) => bigint): Operation =>
  (flags, a, b, size) => {
    const result = cut(combine(a, b), size);
    return { result, flags: logicFlags(flags, result, size) };
  };

const add =
  (withCarry: boolean): Operation =>
  (flags, a, b, size) => {
    const carry = withCarry ? flags & FLAG_CF : 0n;
    return { result: cut(a + b + carry, size), flags: addFlags(flags, a, b, size, carry) };
  };

/** a - b is a + ~b + 1, with the carries the other way round. */
const subtract =
  (withBorrow: boolean): Operation =>
  (flags, a, b, size) => {
    const borrow = withBorrow ? flags & FLAG_CF : 0n;
    const inverted = cut(~b, size);
    return {
      result: cut(a - b - borrow, size),
      flags: addFlags(flags, a, inverted, size, 1n - borrow) ^ (FLAG_CF | FLAG_AF),
    };
  };

export const ADD = add(false);
export const SUB = subtract(false);
export const AND = logic((a, b) => a & b);

/** ADD, OR, ADC, SBB, AND, SUB, XOR, CMP, by the number that opcodes have of them. */
export const ARITHMETIC_OPERATIONS: readonly Operation[] = [
  ADD,
  logic((a, b) => a | b),
  add(true),
  subtract(true),
  AND,
  SUB,
  logic((a, b) => a ^ b),
  SUB,
];
/** The number of CMP, which stores nothing. */
export const CMP = 7;

/** One step of a rotation or a shift: the value behind it, and the bit that fell out. */
type Step = (value: bigint, carry: bigint, top: bigint) => readonly [value: bigint, carry: bigint];

const STEPS: readonly Step[] = [
  (value, _carry, top) => [(value << 1n) | (value >> top), value >> top],
  (value, _carry, top) => [(value >> 1n) | ((value & 1n) << top), value & 1n],
  (value, carry, top) => [(value << 1n) | carry, value >> top],
  (value, carry, top) => [(value >> 1n) | (carry << top), value & 1n],
  (value, _carry, top) => [value << 1n, value >> top],
  (value) => [value >> 1n, value & 1n],
  (value, _carry, top) => [value << 1n, value >> top],
  (value, _carry, top) => [(value >> 1n) | ((value >> top) << top), value & 1n],
];
/** From here on they are shifts, which set the other flags too. */
const FIRST_SHIFT = 4;

/** ROL, ROR, RCL, RCR, SHL, SHR, SAL, SAR, by the number that opcodes have of them; b is the count. */
export const SHIFTS: readonly Operation[] = STEPS.map((step, number): Operation => {
  return (flags, a, b, size) => {
    const top = BigInt(8 * size - 1);
    let [value, carry] = [cut(a, size), flags & FLAG_CF];
    const count = Number(b & (size === 8 ? 0x3fn : 0x1fn));
    if (count === 0) return { result: value, flags };
    for (let i = 0; i < count; i++) {
      [value, carry] = step(value, carry, top);
      value = cut(value, size);
    }
    const overflow = ((cut(a, size) ^ value) >> top) & 1n;
    const rest = number < FIRST_SHIFT ? flags & ARITHMETIC : logicFlags(0n, value, size);
    const set = (rest & ~(FLAG_CF | FLAG_OF)) | carry | (overflow === 1n ? FLAG_OF : 0n);
    return { result: value, flags: (flags & ~ARITHMETIC) | set };
  };
});
