import { ppc64 } from '@hwbp/arch-ppc64';
import { x86 } from '@hwbp/arch-x86';
import { type Access, perfEvents } from '@hwbp/core';
import test from 'ava';
import { Client, kernelWith } from './client.js';
import { lines, load, store } from './programs.js';

const big = (kind: 'read' | 'write', address: bigint, value: bigint, size = 8): Access =>
  kind === 'read' ? load(address, size) : store(address, value, size);

/*
 * A native gdb 13 on x86-64 (Linux 6.18), one store of 8 bytes with a watch on each half: one stop. With watch and
 * rwatch on one variable: the store is the watch's alone, and the next load the rwatch's.
 */
for (const [how, scheduler] of [
  ['direct', {}],
  ['events', { breakpointScheduler: perfEvents() }],
] as const) {
  for (const threads of ['cpus', 'tasks'] as const) {
    test(`${how}, ${threads}: one access is one stop, whatever it hits`, (t) => {
      using kernel = kernelWith({ cpus: 1, ...scheduler });
      kernel.machine.spawn(
        lines([{ accesses: [store(0x1000n, 0x2_0000_0001n, 8)] }, { accesses: [load(0x1000n)] }, {}]),
        {
          pid: 1,
        },
      );
      const gdb = new Client(kernel, { threads });
      gdb.ok('Z4,1000,4', 'Z2,1000,4', 'Z2,1004,4');
      t.is(gdb.stop(), 'T05watch:1000;thread:1;', 'the change, not the access');
      // As gdb does: all out, all in.
      gdb.ok('z4,1000,4', 'z2,1000,4', 'z2,1004,4', 'Z4,1000,4', 'Z2,1000,4', 'Z2,1004,4');
      t.is(gdb.stop(), 'T05awatch:1000;thread:1;', 'the load');
      t.is(gdb.stop(), 'W00');
    });
  }
}

test('of several watches the one that changed is told of: a debugger goes on at once from one that did not', (t) => {
  using kernel = kernelWith({ cpus: 1 });
  kernel.machine.spawn(
    lines([
      { accesses: [store(0x1000n, 0x2_0000_0000n, 8)] },
      { accesses: [store(0x1000n, 0x2_0000_0000n, 8)] },
      { accesses: [store(0x1000n, 0x2_0000_0003n, 8)] },
      {},
    ]),
  );
  const gdb = new Client(kernel);
  gdb.ok('Z2,1000,4', 'Z2,1004,4', 'Z4,1006,2');
  t.is(gdb.stop(), 'T05watch:1004;thread:1;');
  t.is(gdb.stop(), 'T05awatch:1006;thread:1;', 'nothing changed: only the access is worth telling');
  t.is(gdb.stop(), 'T05watch:1000;thread:1;');
  t.is(gdb.stop(), 'W00');
});

test('a watch that is spread over several registers is one stop for one access', (t) => {
  using kernel = kernelWith({ cpus: 1 });
  kernel.machine.spawn(lines([{ accesses: [load(0x1004n, 16)] }, { accesses: [store(0x1010n, 7n)] }, {}]));
  const gdb = new Client(kernel);
  gdb.ok('Z4,1000,20');
  t.is(gdb.stop(), 'T05awatch:1000;thread:1;');
  t.is(gdb.stop(), 'T05awatch:1010;thread:1;');
  t.is(gdb.stop(), 'W00');
});

for (const kind of ['read', 'write'] as const) {
  test(`ppc64: of two watches in one doubleword the one that is accessed is told of: ${kind}`, (t) => {
    using kernel = kernelWith({ arch: ppc64({ cpu: 'power10' }), cpus: 1 });
    const accesses = [big(kind, 0x1004n, 5n, 4)];
    kernel.machine.spawn(lines([{ accesses }, {}, { accesses: [big(kind, 0x1000n, 6n, 4)] }, {}]));
    const gdb = new Client(kernel);
    gdb.ok('Z4,1000,4', 'Z4,1004,4');
    t.is(gdb.stop(), 'T05awatch:1004;thread:1;');
    t.is(gdb.stop(), 'T05awatch:1000;thread:1;');
    t.is(gdb.stop(), 'W00');
  });
}

test('ppc64: an access beside a watch, in its doubleword, is none', (t) => {
  using kernel = kernelWith({ arch: ppc64({ cpu: 'power8' }), cpus: 1 });
  kernel.machine.spawn(
    lines([{ accesses: [load(0x1004n)] }, { accesses: [store(0x1006n, 1n, 2)] }, { accesses: [load(0x1002n)] }, {}]),
  );
  const gdb = new Client(kernel);
  gdb.ok('Z4,1000,4');
  t.is(gdb.stop(), 'T05awatch:1000;thread:1;');
  t.is(gdb.pc(), 0x40_1008n, 'the third instruction, before it executes');
  t.is(gdb.stop(), 'W00');
});

test('ppc64: before a store, too, the watch is told of that will change', (t) => {
  using kernel = kernelWith({ arch: ppc64({ cpu: 'power10' }), cpus: 1 });
  const value = 0x2_0000_0000n;
  kernel.machine.spawn(lines([{ accesses: [store(0x1000n, value, 8)] }, { accesses: [store(0x1000n, value, 8)] }, {}]));
  const gdb = new Client(kernel);
  gdb.ok('Z2,1000,4', 'Z2,1004,4');
  t.is(gdb.stop(), 'T05watch:1004;thread:1;');
  t.is(gdb.stop(), 'T05watch:1000;thread:1;', 'neither will: the first');
  t.is(gdb.stop(), 'W00');
});

/** How many registers a watch takes, or the refusal. */
function registersFor(arch: ReturnType<typeof x86>, address: string, length: number): number | string {
  using kernel = kernelWith({ arch, cpus: 1 });
  kernel.machine.spawn(lines([{}]));
  const gdb = new Client(kernel);
  const answer = gdb.send(`Z2,${address},${length.toString(16)}`);
  return answer === 'OK' ? kernel.breakpoints.debugger.claims.length : answer;
}

test('a long watch takes as few registers as the silicon needs', (t) => {
  const power10 = ppc64({ cpu: 'power10' });
  for (const length of [8, 505, 506, 511, 512]) t.is(registersFor(power10, '1000', length), 1, `${length} bytes`);
  for (const length of [513, 1000, 1023, 1024]) t.is(registersFor(power10, '1000', length), 2, `${length} bytes`);
  t.is(registersFor(power10, '1000', 1025), 'E1c');
  t.is(registersFor(power10, '1f8', 512), 1, 'across a multiple of 512');
  t.is(registersFor(power10, '1004', 508), 1);
  t.is(registersFor(power10, '1004', 509), 2, '65 doublewords');
  const power8 = ppc64({ cpu: 'power8' });
  t.is(registersFor(power8, '1000', 512), 1);
  t.is(registersFor(power8, '1f8', 512), 'E1c');
  const amd = x86({ rangeBreakpoints: true });
  t.is(registersFor(amd, '1000', 4096), 1);
  t.is(registersFor(amd, '1008', 24), 2, '8, then 16');
  t.is(registersFor(x86(), '1000', 16), 2);
});
