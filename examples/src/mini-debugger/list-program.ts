import type { Instruction, InstructionSource, Loaded } from '@hwbp/core';

/*
 * A program with a bug: a list and a counter of its elements, which must agree and once do not.
 *
 *   push:       count = count + 1; elements[count - 1] = value;
 *   remove_all: do { count = count - 1; } while (count >= 0);     count is unsigned: that is always true
 */

/** The counter: 4 bytes, unsigned. */
export const COUNT = 0x60_1000n;
const ELEMENTS = 0x60_1010n;
export const PUSH = 0x40_1000n;
export const REMOVE_ALL = 0x40_1040n;
const UNSIGNED = 0xffff_ffffn;

function* load(pc: bigint, address: bigint): Generator<Instruction, bigint, Loaded> {
  const [value = 0n] = yield { pc, length: 4, accesses: [{ kind: 'read', address, size: 4 }] };
  return value;
}

function store(pc: bigint, address: bigint, value: bigint): Instruction {
  return { pc, length: 4, accesses: [{ kind: 'write', address, size: 4, value: value & UNSIGNED }] };
}

/** Other things that a program does: instructions without a memory access. */
function* compute(pc: bigint, count: number): Generator<Instruction, void, Loaded> {
  for (let i = 0; i < count; i++) yield { pc: pc + BigInt(4 * i), length: 4 };
}

function* push(value: bigint): InstructionSource {
  const count = yield* load(PUSH, COUNT);
  yield store(PUSH + 4n, COUNT, count + 1n);
  yield store(PUSH + 8n, ELEMENTS + 4n * count, value);
  yield* compute(PUSH + 12n, 4);
}

function* removeAll(): InstructionSource {
  for (;;) {
    const count = yield* load(REMOVE_ALL, COUNT);
    yield store(REMOVE_ALL + 4n, COUNT, count - 1n);
    yield { pc: REMOVE_ALL + 8n, length: 2, next: REMOVE_ALL };
  }
}

/** Three elements come, and go, and go. */
export function* listProgram(): InstructionSource {
  yield* compute(0x40_0f00n, 8);
  for (const value of [7n, 8n, 9n]) yield* push(value);
  yield* removeAll();
}
