import { x86 } from '@hwbp/arch-x86';
import { AddressSpace, composeKernel, PhysicalMemory, program } from '@hwbp/core';
import test from 'ava';

const DATA = 0x10_0000n;

test('a frame is given back with the last who has it, is handed out next, and is zeroes', (t) => {
  const physical = new PhysicalMemory(4096);
  const [one, other] = [new AddressSpace(physical), new AddressSpace(physical)];
  one.map(0n, 4096);
  one.writeInteger(0n, 8, 7n);
  const frame = one.translate(0n, false)?.frame as number;
  other.map(0x5000n, 4096, { frames: [frame] });
  t.is(physical.holdersOf(frame), 2);
  one.unmap(0n, 1);
  t.is(other.readInteger(0x5000n, 8), 7n);
  t.is(physical.used, 1);
  other.map(0x5000n, 1);
  t.is(physical.used, 1, 'a page that is replaced');
  t.is(physical.allocate(), frame);
  t.is(physical.frame(frame)[0], 0);
  t.throws(() => physical.release(99), { instanceOf: TypeError, message: /page frame 99 is nobody's/ });
  physical.release(frame);
  t.throws(() => physical.release(frame), { instanceOf: TypeError });
});

test('frames that somebody gave stay his; frames that nobody has are not counted', (t) => {
  const physical = new PhysicalMemory(4096);
  const mine = physical.allocate();
  const space = new AddressSpace(physical);
  space.map(0n, 8192, { frames: [mine, 0x2000] });
  space.release();
  space.release();
  t.is(physical.used, 1);
  t.is(physical.holdersOf(mine), 1);
  t.is(physical.holdersOf(0x2000), 0);
});

test('the memory of a dead task reads as it was at the end, and never as another task’s', (t) => {
  using kernel = composeKernel({ arch: x86() });
  const { machine } = kernel;
  const dead = machine.spawn(program([]), { run: false });
  dead.memory.writeInteger(DATA, 8, 0x1111n);
  const frame = dead.memory.translate(DATA, false)?.frame;
  machine.exit(dead);
  const next = machine.spawn(program([]), { run: false });
  next.memory.writeInteger(DATA, 8, 0x2222n);
  t.is(next.memory.translate(DATA, false)?.frame, frame, 'the same frame');
  t.is(dead.memory.readInteger(DATA, 8), 0x1111n);
  dead.memory.writeInteger(DATA, 8, 0x3333n);
  dead.memory.writeInteger(DATA + 0x10_0000n, 8, 1n);
  t.is(next.memory.readInteger(DATA, 8), 0x2222n);
  t.is(dead.memory.translate(DATA, false), undefined, 'no frame is its own');
  t.is(machine.physical.used, 1);
});

test('exec gives the old pages back, a thread’s end does not, the end of the last one does', (t) => {
  using kernel = composeKernel({ arch: x86() });
  const { machine } = kernel;
  const task = machine.spawn(program([]), { run: false });
  for (let page = 0n; page < 5n; page++) task.memory.writeInteger(DATA + page * 4096n, 8, page);
  const child = machine.fork(task, program([]), { run: false });
  t.is(machine.physical.used, 10);
  machine.exec(child, program([]));
  t.is(machine.physical.used, 5);
  const thread = machine.fork(task, program([]), { run: false, thread: true });
  machine.exit(task);
  t.is(machine.physical.used, 5);
  t.is(thread.memory.readInteger(DATA + 4096n, 8), 1n);
  machine.exit(thread);
  t.is(machine.physical.used, 0);
});

test('trap instructions in the text of a task are gone with it', (t) => {
  using kernel = composeKernel({ arch: x86() });
  const { machine } = kernel;
  for (const end of ['exit', 'exec'] as const) {
    const task = machine.spawn(program([]), { run: false });
    task.memory.write(DATA, Uint8Array.of(0xcc));
    machine.planted.patch(task.memory, DATA, Uint8Array.of(0xcc));
    t.true(machine.planted.used);
    if (end === 'exit') machine.exit(task);
    else machine.exec(task, program([]));
    t.false(machine.planted.used, end);
  }
});

test('whose parent ends is a child of another thread of that process, or nobody’s', (t) => {
  using kernel = composeKernel({ arch: x86() });
  const { machine } = kernel;
  const stays = { run: false };
  const parent = machine.spawn(program([]), stays);
  const thread = machine.fork(parent, program([]), { ...stays, thread: true });
  const child = machine.fork(parent, program([]), stays);
  machine.exit(parent);
  t.is(child.parent, thread);
  t.is(parent.parent, undefined);
  t.is(thread.parent, undefined);
  machine.exit(thread);
  t.is(child.parent, undefined);
  const grandchild = machine.fork(child, program([]), stays);
  machine.exit(grandchild);
  t.is(grandchild.parent, undefined);
});
