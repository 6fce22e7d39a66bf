import { arm64 } from '@hwbp/arch-arm64';
import { composeKernel, type Instruction, type InstructionSource, type KernelOptions, program } from '@hwbp/core';
import test from 'ava';

const A = 0x1000_0040n;
const at = (index: number, rest: Partial<Instruction> = {}): Instruction => ({
  pc: 0x40_0000n + BigInt(4 * index),
  length: 4,
  ...rest,
});
const ldx = (address: bigint, size = 8): Partial<Instruction> => ({
  accesses: [{ kind: 'read', address, size, exclusive: true }],
});
const stx = (address: bigint, value: bigint, size = 8): Partial<Instruction> => ({
  accesses: [{ kind: 'write', address, size, value, exclusive: true }],
});

/** What each store-exclusive of these instructions answers, and what is there in the end. */
function played(code: readonly Partial<Instruction>[], prepare: Partial<KernelOptions> & { watch?: bigint } = {}) {
  const { watch, ...options } = prepare;
  using kernel = composeKernel({ arch: arm64(), ...options });
  const statuses: bigint[] = [];
  const task = kernel.machine.spawn(
    program(function* (): InstructionSource {
      for (const [i, one] of code.entries()) {
        const loaded = yield at(i, one);
        if (one.accesses?.[0]?.kind === 'write') statuses.push(loaded[0] ?? -1n);
      }
    }),
  );
  let hits = 0;
  if (watch !== undefined) {
    kernel.breakpoints.registerUser({ bp_type: 3, bp_addr: watch, bp_len: 8 }, () => hits++, task);
  }
  const memory = task.memory;
  kernel.machine.run();
  return { statuses, hits, value: memory.readInteger(A, 8) };
}

test('a store-exclusive behind a load-exclusive of the same place stores, once', (t) => {
  const { statuses, value } = played([ldx(A), stx(A, 1n), stx(A, 2n), ldx(A), {}, stx(A, 3n)]);
  t.deepEqual(statuses, [0n, 1n, 0n]);
  t.is(value, 3n);
});

test('it fails of another place or size, and without a load-exclusive', (t) => {
  t.deepEqual(played([stx(A, 1n), ldx(A), stx(A + 8n, 1n), ldx(A, 4), stx(A, 1n)]).statuses, [1n, 1n, 1n]);
});

test("it fails where another's store has come between", (t) => {
  const other: Partial<Instruction> = { accesses: [{ kind: 'write', address: A, size: 8, value: 7n }] };
  t.is(played([ldx(A), other, stx(A, 1n)]).statuses.at(-1), 1n);
});

for (const strict of [false, true]) {
  test(`a hit between the two closes the monitor, and one that fails makes no access: strict ${strict}`, (t) => {
    const { statuses, hits, value } = played([ldx(A), stx(A, 1n)], { watch: A, strict });
    t.deepEqual([statuses, hits, value], [[1n], 1, 0n]);
    // A loop that tries again never ends, with a hit each time.
    const loop = Array.from({ length: 5 }, () => [ldx(A), stx(A, 1n)]).flat();
    t.is(played(loop, { watch: A, strict }).hits, 5);
  });
}

test('a system call and another task close it', (t) => {
  const call: Partial<Instruction> = { syscall: program([]) };
  t.deepEqual(played([ldx(A), call, stx(A, 1n)]).statuses, [1n]);
});

test('the fault that copies a page closes it: the first store-exclusive since a fork fails, and no watch sees it', (t) => {
  using kernel = composeKernel({ arch: arm64() });
  const { machine } = kernel;
  const statuses: bigint[] = [];
  const parent = machine.spawn(program([]), { run: false });
  parent.memory.map(A, 0x1000);
  const child = machine.fork(
    parent,
    program(function* (): InstructionSource {
      for (let i = 0; i < 2; i++) {
        yield at(0, ldx(A));
        const [status = -1n] = yield at(1, stx(A, 1n));
        statuses.push(status);
        // The watch is for the first.
        kernel.breakpoints.unregister(watch);
      }
    }),
  );
  let hits = 0;
  const watch = kernel.breakpoints.registerUser({ bp_type: 2, bp_addr: A, bp_len: 8 }, () => hits++, child);
  machine.run();
  t.deepEqual([statuses, hits], [[1n, 0n], 0]);
});

test('ports and read-modify-writes have none', (t) => {
  const wrong: Partial<Instruction> = { accesses: [{ kind: 'readwrite', address: A, size: 8, exclusive: true }] };
  t.throws(() => played([wrong]), { message: /accesses\[0\]\.exclusive: that is a read or a write of memory/ });
});
