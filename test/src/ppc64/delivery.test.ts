import { type Ppc64Features, ppc64 } from '@hwbp/arch-ppc64';
import { composeKernel, type Hit, type HwBreakpointAttr, type Instruction, program } from '@hwbp/core';
import test from 'ava';
import { A, load, store } from './support.js';

const PC = 0x1000_0000n;

function place(codes: readonly Partial<Instruction>[]): Instruction[] {
  return codes.map((code, i) => ({ pc: PC + BigInt(4 * i), length: 4, ...code }));
}

/** Handler calls for a program on a strict kernel. */
function count(features: Ppc64Features, attr: HwBreakpointAttr, codes: readonly Partial<Instruction>[]): number {
  using kernel = composeKernel({ arch: ppc64(features), strict: true });
  const task = kernel.machine.spawn(program(place(codes)));
  let calls = 0;
  kernel.breakpoints.registerUser(attr, () => calls++, task);
  kernel.machine.run();
  if (task.exit === undefined || !('code' in task.exit)) throw new Error('the task was killed');
  return calls;
}

const CPUS = ['power7', 'power8', 'power10'] as const;

// The kernel's own test (tools/testing/selftests/powerpc/ptrace/perf-hwbreak), by its facts.
for (const cpu of CPUS) {
  test(`perf-hwbreak on ${cpu}: loads and stores are counted by what is watched and excluded`, (t) => {
    const loops = Array.from({ length: 5 }, () => [load(A, 4), store(A, 4)]).flat();
    for (const bp_type of [1, 2, 3]) {
      for (const exclude_user of [false, true]) {
        const expected = exclude_user ? 0 : 5 * ((bp_type & 1) + (bp_type >> 1));
        t.is(count({ cpu }, { bp_type, bp_addr: A, bp_len: 4, exclude_user }, loops), expected);
      }
    }
  });

  test(`perf-hwbreak on ${cpu}: DAR may lie outside of what is watched; overlap is what counts`, (t) => {
    const attr = { bp_type: 3, bp_addr: A + 2n, bp_len: 4 };
    const both = (address: bigint, size: number) => [load(address, size), store(address, size)];
    t.is(count({ cpu }, attr, both(A, 2)), 0);
    t.is(count({ cpu }, attr, both(A + 1n, 2)), 2);
    t.is(count({ cpu }, attr, both(A + 5n, 2)), 2);
    t.is(count({ cpu }, attr, both(A + 6n, 2)), 0);
    t.is(count({ cpu }, attr, both(A, 8)), 2);
    t.is(count({ cpu }, attr, both(A - 4n, 8)), 2, 'it begins before the doubleword');
    t.is(count({ cpu }, attr, [{ accesses: [{ kind: 'write', address: A, size: 128 }] }]), 1, 'dcbz');
  });
}

test('512 bytes in one register: every doubleword, and not one byte more', (t) => {
  const attr = { bp_type: 2, bp_addr: A, bp_len: 512 };
  for (const cpu of ['power8', 'power10'] as const) {
    t.is(count({ cpu }, attr, [store(A), store(A + 511n), store(A + 508n, 8), store(A - 1n), store(A + 512n)]), 3);
  }
});

test('a hit is told once the access has happened, with the next instruction as context and its own as pc', (t) => {
  for (const byteOrder of ['little', 'big'] as const) {
    using kernel = composeKernel({ arch: ppc64({ byteOrder }), strict: true });
    const value = 0x0102_0304n;
    const task = kernel.machine.spawn(
      program(place([{ accesses: [{ kind: 'write', address: A, size: 4, value }] }, {}])),
    );
    const seen: unknown[] = [];
    kernel.breakpoints.registerUser(
      { bp_type: 2, bp_addr: A, bp_len: 4 },
      (hit: Hit) => seen.push([hit.pc, hit.ip, task.memory.readInteger(A, 4), [...task.memory.read(A, 4)]]),
      task,
    );
    kernel.machine.run();
    t.deepEqual(seen, [[PC, PC + 4n, value, byteOrder === 'little' ? [4, 3, 2, 1] : [1, 2, 3, 4]]]);
  }
});

test('load-reserve and store-conditional count under strict; Linux disables the breakpoint and says so in the log', (t) => {
  const reserved = (code: Partial<Instruction>): Partial<Instruction> => ({ ...code, reserve: true });
  const codes = [reserved(load(A, 8)), reserved(store(A, 8)), store(A, 8)];
  const attr = { bp_type: 3, bp_addr: A, bp_len: 8 };
  t.is(count({}, attr, codes), 3);
  using kernel = composeKernel({ arch: ppc64() });
  const task = kernel.machine.spawn(program(place(codes)));
  let calls = 0;
  const breakpoint = kernel.breakpoints.registerUser(attr, () => calls++, task);
  kernel.machine.run();
  t.is(calls, 0);
  t.false(breakpoint.enabled);
  t.true(kernel.breakpoints.isUsed, 'it keeps its slot');
  t.deepEqual(task.exit, { code: 0 });
});

test('the kernel’s own accesses count, and the task goes on', (t) => {
  const kernelSide = place([store(A, 8), load(A, 8)]).map((one) => ({ ...one, pc: 0xc000_0000_0001_0000n }));
  const call = { syscall: program(kernelSide) };
  t.is(count({}, { bp_type: 3, bp_addr: A, bp_len: 8 }, [call, store(A)]), 3);
  t.is(count({}, { bp_type: 3, bp_addr: A, bp_len: 8, exclude_kernel: true }, [call, store(A)]), 1);
  t.is(count({ cpu: 'power7', dabrx: false }, { bp_type: 3, bp_addr: A, bp_len: 8, exclude_kernel: true }, [call]), 0);
});
