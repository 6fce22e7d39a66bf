import { fc, testProp } from '@fast-check/ava';
import { arm64 } from '@hwbp/arch-arm64';
import { ppc64 } from '@hwbp/arch-ppc64';
import { x86 } from '@hwbp/arch-x86';
import { TARGET_DESCRIPTION } from '@hwbp/core';
import test from 'ava';
import { Client, hexOf, kernelWith, littleEndian } from './client.js';
import { lines, spawnCounters, text } from './programs.js';

const DESCRIBED = [
  { name: '64-bit x86', arch: x86({ bits: 64 }), computed: /^(rip|eflags)$/ },
  { name: '32-bit x86', arch: x86({ bits: 32 }), computed: /^(eip|eflags)$/ },
  { name: 'ppc64, little endian', arch: ppc64({ byteOrder: 'little' }), computed: /^(pc|msr)$/ },
  { name: 'arm64', arch: arm64(), computed: /^(pc|cpsr)$/ },
  { name: 'ppc64, big endian', arch: ppc64({ byteOrder: 'big' }), computed: /^(pc|msr)$/ },
] as const;

for (const { name: which, arch, computed } of DESCRIBED) {
  test(`the description of ${which} names each register once; g has all of them in its order, P writes each`, (t) => {
    using kernel = kernelWith({ arch });
    spawnCounters(kernel, 1);
    const gdb = new Client(kernel);
    const xml = gdb.send('qXfer:features:read:target.xml:0,4000');
    t.is(xml[0], 'l');
    const described = [...xml.matchAll(/<reg name="(\w+)" bitsize="(\d+)"/g)].map(([, name, size]) => ({
      name,
      bits: Number(size),
    }));
    const description = kernel.facet(TARGET_DESCRIPTION);
    t.deepEqual(described, [...(description?.registers ?? [])]);
    t.is(new Set(described.map(({ name }) => name)).size, described.length);
    const inOrder = (digits: string): bigint =>
      description?.byteOrder === 'big' ? BigInt(`0x${digits}`) : littleEndian(digits);
    for (const [i, { bits }] of described.entries()) {
      const digits = (i + 1).toString(16).padStart(2, '0');
      const zeroes = '0'.repeat(bits / 4 - 2);
      gdb.ok(`P${i.toString(16)}=${description?.byteOrder === 'big' ? zeroes + digits : digits + zeroes}`);
    }
    const digits = gdb.send('g');
    let at = 0;
    for (const [i, { name = '', bits }] of described.entries()) {
      const part = digits.slice(at, at + bits / 4);
      t.is(part, gdb.send(`p${i.toString(16)}`), name);
      if (!computed.test(name)) t.is(inOrder(part), BigInt(i + 1), name);
      at += bits / 4;
    }
    t.is(at, digits.length);
    t.is(inOrder(gdb.send(`p${(description?.counter ?? 0).toString(16)}`)), BigInt((description?.counter ?? 0) + 1));
    t.is(gdb.send('p80'), 'E16');
    t.is(gdb.send('pzz'), 'E16');
  });
}

test('MSR shows the mode, the byte order and the step flag, and sets the step flag alone', (t) => {
  using kernel = kernelWith({ arch: ppc64(), cpus: 1 });
  const task = kernel.machine.spawn(lines([{}, {}]), { mode: 'kernel' });
  const gdb = new Client(kernel);
  t.is(gdb.register(33, 8), 0x8000_0000_0000_b033n, 'no PR in the kernel');
  gdb.ok('P21=ffffffffffffffff');
  t.true(task.context.singleStep);
  t.is(gdb.register(33, 8), 0x8000_0000_0000_b433n);
  task.context.mode = 'user';
  t.is(gdb.register(33, 8), 0x8000_0000_0000_f433n);
});

testProp(
  'what is written with G reads the same with g',
  [fc.uint8Array({ minLength: 328, maxLength: 328 })],
  (t, bytes) => {
    using kernel = kernelWith();
    spawnCounters(kernel, 1);
    const gdb = new Client(kernel);
    const size = gdb.send('g').length;
    const digits = hexOf(String.fromCharCode(...bytes))
      .slice(0, size)
      .padEnd(size, '0');
    gdb.ok(`G${digits}`);
    const read = gdb.send('g');
    // EFLAGS has bits that are always set.
    const flags = 2 * 17 * 8;
    t.is(read.slice(0, flags), digits.slice(0, flags));
    t.is(read.slice(flags + 8), digits.slice(flags + 8));
    t.is(gdb.send(`G${digits.slice(2)}`), 'E16');
    t.is(gdb.send('g'), read);
  },
  { numRuns: 50 },
);

test('EFLAGS shows and sets what the machine works with: RF after an execute breakpoint', (t) => {
  using kernel = kernelWith({ cpus: 1 });
  const task = kernel.machine.spawn(lines([{}, {}, {}]));
  const gdb = new Client(kernel);
  gdb.ok(`Z1,${(text() + 4n).toString(16)},1`);
  gdb.go();
  t.is(gdb.register(17, 4), 0x1_0202n);
  gdb.ok('P11=02030000');
  t.deepEqual([task.context.resume, task.context.singleStep], [false, true]);
});

test('the registers that are wanted first come with each stop', (t) => {
  using kernel = kernelWith();
  const [task] = spawnCounters(kernel, 1);
  task?.context.set('rsp', 0x7fff_0000n);
  const gdb = new Client(kernel);
  const reply = gdb.go('s');
  t.regex(reply, /;7:0000ff7f00000000;|^T056:0{16};7:0000ff7f00000000;/);
  t.regex(reply, /;10:0410400000000000;thread:1;core:0;$/);
});

test('registers wider than 64 bits keep every bit', (t) => {
  using kernel = kernelWith();
  spawnCounters(kernel, 1);
  const gdb = new Client(kernel);
  gdb.ok('P18=0102030405060708090a');
  t.is(gdb.send('p18'), '0102030405060708090a');
  t.is(gdb.send('P18=01'), 'E16');
});

test('c and s take an address to go on at', (t) => {
  using kernel = kernelWith({ cpus: 1 });
  const task = kernel.machine.spawn(lines([{}, {}, {}]));
  const gdb = new Client(kernel);
  gdb.raw('$c7000#fa');
  t.is(task.context.pc, 0x7000n);
  gdb.raw('\x03');
  gdb.session.run(1);
  gdb.take();
  t.is(gdb.send('cxyz'), 'E16');
  t.is(gdb.send('C5'), 'E16');
});

test('packets about registers may name their thread, as lldb does; it stays the selected one', (t) => {
  using kernel = kernelWith({ cpus: 2 });
  const [, other] = spawnCounters(kernel, 2);
  const gdb = new Client(kernel);
  gdb.ok('QThreadSuffixSupported', 'Hg1', 'P1=1122334455667788;thread:2;');
  t.is(gdb.send('p1;thread:2;'), '1122334455667788');
  t.is(other?.context.get('rbx'), 0x8877665544332211n);
  t.is(gdb.send('p1'), '0000000000000000');
  t.is(gdb.send('p1;thread:0;'), '0000000000000000');
  t.is(gdb.send('g;thread:2'), gdb.send('g;thread:p1.2;'));
  t.not(gdb.send('g;thread:2;'), gdb.send('g'));
  gdb.ok(`G${gdb.send('g;thread:2;')};thread:1;`);
  t.is(gdb.send('p1'), '1122334455667788');
  for (const packet of ['p1;thread:3;', 'p1;thread:x;', 'p1;thread:;', 'p;thread:2;', 'P1;thread:2;'])
    t.is(gdb.send(packet), 'E16', packet);
});
