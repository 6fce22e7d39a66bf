import { arm64 } from '@hwbp/arch-arm64';
import { composeKernel, type Instruction, program } from '@hwbp/core';
import test from 'ava';

const A = 0x1000_0040n;
/** STP of two vectors, in two pieces. */
const STORE_PAIR: Instruction = {
  pc: 0x40_0000n,
  length: 4,
  accesses: [
    { kind: 'write', address: A, size: 16, value: 1n },
    { kind: 'write', address: A + 16n, size: 16, value: 2n },
  ],
};

for (const storesEarlier of [true, false]) {
  const what = storesEarlier ? 'the first piece is stored' : 'nothing is stored';
  test(`at a hit of the second piece of a store ${what}: storesEarlier ${storesEarlier}`, (t) => {
    using kernel = composeKernel({ arch: arm64({ storesEarlier }) });
    const task = kernel.machine.spawn(program([STORE_PAIR]));
    const seen: bigint[] = [];
    kernel.breakpoints.registerUser(
      { bp_type: 2, bp_addr: A + 16n, bp_len: 8 },
      ({ cpu }) => seen.push(cpu.peek(A, 8), cpu.peek(A + 16n, 8)),
      task,
    );
    const { memory } = task;
    kernel.machine.run();
    t.deepEqual(seen, [storesEarlier ? 1n : 0n, 0n]);
    t.deepEqual([memory.readInteger(A, 8), memory.readInteger(A + 16n, 8)], [1n, 2n]);
  });
}
