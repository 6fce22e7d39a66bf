import { type Instruction, type Loaded, program } from '@hwbp/core';
import test from 'ava';
import { bytesOf, Client, frame, hexOf, kernelWith, payloads, textOf } from './client.js';
import { data, lines, spawnCounters, text } from './programs.js';

test('memory is what the task has, of one task at a time', (t) => {
  using kernel = kernelWith();
  const [first, second] = spawnCounters(kernel, 2);
  first?.memory.write(0x5000n, bytesOf('first'));
  second?.memory.write(0x5000n, bytesOf('other'));
  const gdb = new Client(kernel);
  t.is(textOf(gdb.send('m5000,5')), 'first');
  gdb.ok('Hg2');
  t.is(textOf(gdb.send('m5000,5')), 'other');
  gdb.ok(`M5001,3:${hexOf('HAT')}`);
  t.is(second?.memory.readInteger(0x5001n, 1), 0x48n);
  t.is(first?.memory.readInteger(0x5001n, 1), 0x69n);
});

test('reading maps nothing: pages that a program has not touched read as zeroes', (t) => {
  using kernel = kernelWith();
  spawnCounters(kernel, 1);
  const gdb = new Client(kernel);
  const { allocated } = kernel.machine.physical;
  t.is(gdb.send('m7fff0000,8'), '0'.repeat(16));
  t.is(gdb.send('mffffffff81000000,8'), '0'.repeat(16), 'the kernel’s');
  t.is(kernel.machine.physical.allocated, allocated);
});

test('where nothing is mapped reading is EFAULT, and reading across the end gives what there is', (t) => {
  using kernel = kernelWith({ cpus: 1 });
  const task = kernel.machine.spawn(lines([{}, {}]), { demandZero: false });
  task.memory.map(0x1000n, 4096);
  const gdb = new Client(kernel);
  t.is(gdb.send('m3000,4'), 'E0e');
  t.regex(gdb.monitor('why'), /nothing can be read at 0x3000/);
  t.is(gdb.send('m1ffe,8'), '0000');
  t.is(gdb.send('M3000,1:00'), 'E0e');
  t.is(gdb.monitor('why'), 'EFAULT: store to 0x3000: no page is mapped there\n', 'the errno once');
  t.is(gdb.send('M1ffe,4:01020304'), 'E0e', 'all or nothing');
  t.is(gdb.send('m1ffe,2'), '0000');
  t.is(gdb.send('mffff888000000000,8').length, 16, 'the direct map has the page that was mapped');
  t.is(gdb.send('mffff88ff00000000,8'), 'E0e', 'and no other');
});

test('text at the program counter can be read whatever is mapped, and nowhere else', (t) => {
  using kernel = kernelWith({ cpus: 1 });
  kernel.machine.spawn(lines([{}, {}, {}]), { demandZero: false });
  const gdb = new Client(kernel);
  gdb.go('s');
  t.is(gdb.pc(), text() + 4n);
  t.is(gdb.send(`m${(text() + 4n).toString(16)},4`), '00000000');
  t.is(gdb.send(`m${(text() + 44n).toString(16)},64`).length, 2 * 24, 'as far as it goes');
  t.is(gdb.send(`m${(text() + 0x1000n).toString(16)},4`), 'E0e');
});

test('binary data is written with its escapes undone; a length of 0 only asks', (t) => {
  using kernel = kernelWith();
  const [task] = spawnCounters(kernel, 1);
  const gdb = new Client(kernel);
  gdb.ok('X5000,0:', 'X5000,5:\x01}\x03}\x04}]\xff');
  t.deepEqual([...(task?.memory.read(0x5000n, 5) ?? [])], [1, 0x23, 0x24, 0x7d, 0xff]);
  t.is(gdb.send('X5000,4:abc'), 'E16');
  t.is(gdb.send('M5000,4:0102'), 'E16');
  t.is(gdb.send('M5000,2:01g2'), 'E16');
});

test('what a program reads is what the debugger has written; a page that may only be read too', (t) => {
  using kernel = kernelWith({ cpus: 1 });
  const seen: bigint[] = [];
  const task = kernel.machine.spawn(
    program(function* (): Generator<Instruction, void, Loaded> {
      yield { pc: text(), length: 4 };
      const [value = 0n] = yield { pc: text() + 4n, length: 4, accesses: [{ kind: 'read', address: data(), size: 4 }] };
      seen.push(value);
    }),
  );
  task.memory.map(data(), 4096, { permissions: { read: true, write: false } });
  const gdb = new Client(kernel);
  gdb.ok(`M${data().toString(16)},4:78563412`);
  t.is(gdb.stop(), 'W00');
  t.deepEqual(seen, [0x1234_5678n]);
});

test('a page that the program may not touch at all can be read and written', (t) => {
  using kernel = kernelWith({ cpus: 1 });
  const [task] = spawnCounters(kernel, 1);
  task?.memory.map(0x70_0000n, 4096, { permissions: { read: false, write: false } });
  const gdb = new Client(kernel);
  t.is(gdb.send('m700000,4'), '00000000');
  gdb.ok('M700000,4:01020304', 'X700002,1:a');
  t.is(gdb.send('m700000,4'), '01026104');
  t.is(gdb.send('m6ffffe,4'), '00000102');
});

test('a debugger may bring only so much memory into being', (t) => {
  using kernel = kernelWith();
  spawnCounters(kernel, 1);
  const gdb = new Client(kernel);
  let refused = 0;
  for (let page = 0; page < 5000; page++) {
    if (gdb.send(`M${(0x1_0000_0000 + 0x1000 * page).toString(16)},1:01`) === 'E0c') refused++;
  }
  t.is(refused, 5000 - 4096);
  gdb.ok('M100000000,1:02');
});

test('one answer is at most a packet long; asking for more gives the beginning', (t) => {
  using kernel = kernelWith();
  spawnCounters(kernel, 1);
  const gdb = new Client(kernel);
  t.is(gdb.send('m0,ffffffff').length, 0x4000);
  t.is(gdb.send('m0,0'), '');
  t.is(payloads(gdb.raw(frame(`M0,4000:${'00'.repeat(0x4000)}`)))[0], 'E07');
  t.regex(gdb.monitor('why'), /more than 16384 bytes/);
});

test('memory at the very end of the address space does not wrap', (t) => {
  using kernel = kernelWith();
  spawnCounters(kernel, 1);
  const gdb = new Client(kernel);
  t.is(gdb.send('mfffffffffffffff8,10').length, 32);
  t.notThrows(() => gdb.send('Mffffffffffffffff,2:0102'));
});
