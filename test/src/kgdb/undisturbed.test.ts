import { X86DebugUnit } from '@hwbp/arch-x86';
import {
  type ExecutionGate,
  HW_BREAKPOINT_W,
  type Instruction,
  type Kernel,
  type Loaded,
  NOBODY_RUNS,
  type Program,
  program,
} from '@hwbp/core';
import test from 'ava';
import { Client, kernelWith } from './client.js';
import { counter, data, lines, load, spawnCounters, store, text } from './programs.js';

const at = (address: bigint): string => address.toString(16);
const SHARED = 0xffff_8880_0000_0000n;
const UNCHANGED = 'everything so far is as it would have been without a debugger\n';

/** Three tasks on two CPUs that add to one variable without a lock; what each of them loads, in its order. */
function race(kernel: Kernel): string[] {
  kernel.machine.physical.allocate();
  const seen: string[] = [];
  for (let n = 0; n < 3; n++) {
    function* adder(): Generator<Instruction, void, Loaded> {
      for (;;) {
        const [value = 0n] = yield { pc: text(n), length: 4, accesses: [load(SHARED)] };
        seen.push(`${n} ${value}`);
        yield { pc: text(n) + 4n, length: 4, accesses: [store(SHARED, value + 1n)] };
        yield { pc: text(n) + 8n, length: 4, next: text(n) };
      }
    }
    kernel.machine.spawn(program(adder), { comm: `adder${n}`, mode: 'kernel', affinity: [n % 2] });
  }
  return seen;
}

/** Turns of 5 instructions, ticks every 7. */
const raced = (): Kernel => kernelWith({ quantum: 5, tick: 7000 });

/** What the race shows if nobody is attached, once the machine has executed so many instructions. */
function undisturbed(count: number): string[] {
  using kernel = raced();
  const seen = race(kernel);
  kernel.machine.run(count);
  return seen;
}

// --- what a debugger does not change ---

test('looking changes nothing: not what is read, nor what is written as it is, nor that it was there at all', (t) => {
  using kernel = raced();
  const seen = race(kernel);
  kernel.machine.run(33);
  const gdb = new Client(kernel);
  for (const packet of [
    '?',
    'g',
    'p10',
    'm601000,40',
    'qfThreadInfo',
    'qThreadExtraInfo,1',
    'qXfer:threads:read::0,400',
  ]) {
    gdb.send(packet);
  }
  gdb.ok('Hg2');
  gdb.ok('X601000,0:', `P10=${gdb.send('p10')}`, `G${gdb.send('g')}`);
  gdb.ok(`M${at(SHARED)},4:${gdb.send(`m${at(SHARED)},4`)}`, 'M7fff0000,2:0000');
  gdb.monitor('bps');
  t.is(gdb.monitor('schedule'), `now: instruction 33 of the machine; ${UNCHANGED}`);
  t.is(gdb.stop('c', 700), 'running');
  gdb.raw('\x03');
  gdb.session.run(1);
  gdb.raw('$D#44');
  kernel.machine.run(50);
  t.is(kernel.machine.departure, undefined);
  t.deepEqual(seen, undisturbed(kernel.machine.count));
});

test('attaching schedules nothing: a CPU that has not begun shows the task that it will run', (t) => {
  using kernel = kernelWith({ cpus: 3 });
  const switches: unknown[] = [];
  kernel.machine.hooks.contextSwitch.add((...what) => switches.push(what));
  const [first, second] = spawnCounters(kernel, 2);
  if (first !== undefined) first.context.set('rax', 0x77n);
  if (second !== undefined) second.context.pc = 0x1234n;
  const gdb = new Client(kernel);
  t.is(gdb.register(0, 8), 0x77n);
  gdb.ok('Hg2');
  t.is(gdb.pc(), 0x1234n);
  gdb.ok('Hg3');
  t.is(gdb.pc(), 0n, 'it has none');
  gdb.session.close();
  t.deepEqual(switches, []);
  t.deepEqual(
    kernel.machine.cpus.map((cpu) => kernel.machine.current(cpu)),
    [undefined, undefined, undefined],
  );
});

test('a step with the others continuing lets them do what they would have done: a race has the outcome that it has', (t) => {
  using kernel = raced();
  const seen = race(kernel);
  const gdb = new Client(kernel);
  for (let i = 0; i < 60; i++) {
    const thread = 1 + (i % 2);
    const before = kernel.machine.cpu(thread - 1).instructions;
    t.is(gdb.stop(`vCont;s:${thread};c`), `T05thread:${thread};`);
    t.is(kernel.machine.cpu(thread - 1).instructions, before + 1);
  }
  const range = `${at(text())},${at(text() + 8n)}`;
  t.is(gdb.stop(`vCont;r${range}:1;c`), 'T05thread:1;');
  t.is(gdb.monitor('schedule'), `now: instruction ${kernel.machine.count} of the machine; ${UNCHANGED}`);
  t.true(kernel.machine.count > 100, 'the others had their turns');
  t.deepEqual(seen, undisturbed(kernel.machine.count));
});

test('nor do breakpoints that stop it, in hardware, before and behind the instruction', (t) => {
  using kernel = raced();
  const seen = race(kernel);
  const gdb = new Client(kernel);
  gdb.ok(`Z2,${at(SHARED)},4`, `Z1,${at(text(1) + 8n)},1`);
  const reasons = new Set<string>();
  for (let i = 0; i < 40; i++) reasons.add(gdb.stop(i % 3 === 0 ? 'vCont;s:1;c' : 'c'));
  t.true(
    [...reasons].some((reason) => reason.includes('hwbreak')) &&
      [...reasons].some((reason) => reason.includes('watch')),
  );
  t.is(kernel.machine.departure, undefined);
  t.deepEqual(seen, undisturbed(kernel.machine.count));
});

// --- what it changes, and says so ---

test('a step of one thread alone is a departure if another one was next, and since then', (t) => {
  using kernel = kernelWith({ quantum: 2 });
  spawnCounters(kernel, 2);
  const gdb = new Client(kernel);
  gdb.stop('vCont;s:1');
  gdb.stop('s');
  t.is(gdb.monitor('schedule'), `now: instruction 2 of the machine; ${UNCHANGED}`, 'it was its turn');
  gdb.stop('s');
  const changed = 'changed since instruction 2: not everybody was let execute who was next\n';
  t.is(gdb.monitor('schedule'), `now: instruction 3 of the machine; ${changed}`);
  gdb.ok('P0=0100000000000000');
  gdb.stop('c', 500);
  gdb.raw('\x03');
  gdb.session.run(1);
  gdb.take();
  t.regex(gdb.monitor('schedule'), /; changed since instruction 2: not everybody/, 'the first one counts');
  t.deepEqual(kernel.machine.departure, { count: 2, cause: 'not everybody was let execute who was next' });
});

test('a register or memory that is written with another value is a departure, and monitor schedule names it', (t) => {
  for (const [packet, cause] of [
    ['P0=0500000000000000', 'a debugger wrote rax of thread 1'],
    [`M${at(data())},2:0001`, `a debugger wrote 2 bytes at 0x${at(data())}`],
  ] as const) {
    using kernel = kernelWith();
    spawnCounters(kernel, 1);
    kernel.machine.run(8);
    const gdb = new Client(kernel);
    gdb.ok(packet);
    t.is(gdb.monitor('schedule'), `now: instruction 8 of the machine; changed since instruction 8: ${cause}\n`);
    t.deepEqual(kernel.machine.departure, { count: 8, cause });
  }
});

test('what is written as it is brings no page into being, and a program’s first store to a shared page is still its first', (t) => {
  using kernel = kernelWith({ cpus: 1 });
  const task = kernel.machine.spawn(lines([{}, {}]));
  task.memory.write(0x5000n, Uint8Array.of(1, 2));
  kernel.machine.fork(task, lines([{}]), { run: false });
  const gdb = new Client(kernel);
  const { allocated } = kernel.machine.physical;
  gdb.ok('M5000,2:0102', 'M7fff0000,4:00000000');
  t.is(kernel.machine.physical.allocated, allocated);
  t.true(task.memory.unshare(0x5000n, 1));
});

// --- beside others ---

test('somebody else’s gate stays in force while a debugger attaches, stops, steps, goes on and detaches', (t) => {
  using kernel = kernelWith();
  const { machine } = kernel;
  spawnCounters(kernel, 2);
  const onlyFirst: ExecutionGate = { cpu: ({ index }) => index === 0, task: () => true };
  const open = machine.addGate(onlyFirst);
  const gdb = new Client(kernel);
  t.is(machine.gates, 2);
  gdb.ok(`Z2,${at(data())},4`);
  t.is(gdb.stop(), `T05watch:${at(data())};thread:1;`);
  for (const packet of ['vCont;s:1;c', 'vCont;s:1', 's']) t.is(gdb.stop(packet), 'T05thread:1;');
  t.is(gdb.stop('vCont;s:2'), 'T05thread:2;', 'it is held, and says so at once');
  gdb.ok(`z2,${at(data())},4`);
  t.is(gdb.stop('c', 1000), 'running');
  t.is(machine.gates, 1);
  gdb.raw('\x03');
  gdb.session.run(1);
  t.is(machine.gates, 2);
  gdb.raw('$D#44');
  t.is(machine.gates, 1);
  machine.run(1000);
  t.is(machine.cpu(1).instructions, 0);
  t.true(machine.cpu(0).instructions > 1000);
  open();
  machine.run(1000);
  t.true(machine.cpu(1).instructions > 0);
});

test('a gate that is added while the debugger is inside is none of its own, and is not taken away with it', (t) => {
  using kernel = kernelWith();
  spawnCounters(kernel, 1);
  const gdb = new Client(kernel);
  const open = kernel.machine.addGate(NOBODY_RUNS);
  t.is(gdb.go('c', 100), 'running');
  t.is(kernel.machine.count, 0);
  open();
  gdb.session.run(100);
  t.true(kernel.machine.count > 0);
});

/** Counts the writes of DR7. */
class CountingUnit extends X86DebugUnit {
  writes = 0;

  override setControl(value: number): void {
    this.writes++;
    super.setControl(value);
  }
}

test('breakpoints that are inserted and registered while the debugger is inside arm nothing: one write of DR7 when it leaves', (t) => {
  const units = [new CountingUnit(), new CountingUnit()];
  const unitOf = (cpu: number): CountingUnit => units[cpu] as CountingUnit;
  using kernel = kernelWith({ createUnit: unitOf });
  const [task] = spawnCounters(kernel, 2);
  if (task === undefined) return t.fail();
  kernel.machine.run(10);
  const writes = (): number[] => units.map((unit) => unit.writes);
  const ranges = (): number[] => units.map(({ filter }) => filter.ranges.length);
  const gdb = new Client(kernel);
  const inside = writes();
  gdb.ok('Z2,7000,4', 'Z2,7010,8', 'Z1,9000,1', 'z2,7010,8');
  const attr = { bp_type: HW_BREAKPOINT_W, bp_addr: 0x8000n, bp_len: 4 };
  const one = kernel.breakpoints.registerUser(attr, () => {}, task);
  kernel.breakpoints.modify(one, { bp_addr: 0x8008n });
  t.deepEqual(writes(), inside);
  t.deepEqual(ranges(), [0, 0]);
  gdb.raw('$c#63');
  t.deepEqual(
    writes(),
    inside.map((count) => count + 1),
  );
  t.deepEqual(ranges(), [3, 2], 'what was removed is not among them');
});

test('a tick that is due where the debugger stops comes before any other CPU goes on', (t) => {
  const ticks = (attached: boolean): string[] => {
    using kernel = kernelWith({ quantum: 1, tick: 1000 });
    const { machine } = kernel;
    spawnCounters(kernel, 2, 3);
    const seen: string[] = [];
    machine.hooks.tick.add(({ index }) => seen.push(`CPU ${index} after ${machine.count}`));
    if (attached) {
      const gdb = new Client(kernel);
      gdb.ok(`Z2,${at(data())},4`, `Z2,${at(data(1))},4`);
      for (let i = 0; i < 6; i++) t.regex(gdb.stop(), /watch/);
      gdb.session.close();
    }
    machine.run();
    return seen;
  };
  t.deepEqual(ticks(true), ticks(false));
});

test('an interrupt that an idle CPU does not get, because it is held, is a departure once others go on', (t) => {
  using kernel = kernelWith();
  const { machine } = kernel;
  spawnCounters(kernel, 1);
  const gdb = new Client(kernel);
  machine.cpu(1).interrupts.raise(3);
  t.is(gdb.stop('vCont;s:1'), 'T05thread:1;');
  t.is(machine.departure, undefined, 'its turn is yet to come');
  for (let i = 0; i < 200; i++) gdb.stop('vCont;s:1');
  t.is(machine.departure?.count, 100);
});

test('a CPU that is passed over while another one switches to nothing is a departure, though nobody executes', (t) => {
  using kernel = kernelWith({ quantum: 1 });
  const { machine } = kernel;
  // Waits for input from its second instruction on.
  const waits: Program = {
    get state() {
      return machine.cpu(0).instructions === 0 ? 'ready' : 'starved';
    },
    run: (cpu) => (cpu.execute({ pc: text(), length: 4 }) === undefined ? 0 : 1),
  };
  machine.spawn(() => waits, { affinity: [0] });
  machine.spawn(
    program(() => counter(1)),
    { affinity: [1] },
  );
  machine.run(1);
  const gdb = new Client(kernel);
  gdb.go('vCont;s:1', 1);
  t.is(machine.current(machine.cpu(0)), undefined);
  t.is(machine.departure?.count, 1);
});

test('a step that ends on a breakpoint stops when its thread is next, so that gdb’s step over it is what was due', (t) => {
  for (const point of [`Z0,${at(text(1) + 4n)},1`, `Z1,${at(text(1) + 4n)},1`]) {
    using kernel = raced();
    const { machine } = kernel;
    const seen = race(kernel);
    const gdb = new Client(kernel);
    gdb.ok(point);
    let over = 0;
    for (let i = 0; i < 30; i++) {
      t.regex(gdb.stop('vCont;s:2;c'), /thread:2;$/);
      if (gdb.pc() !== text(1) + 4n) continue;
      over++;
      gdb.ok(point.replace('Z', 'z'));
      t.is(gdb.stop('vCont;s:2'), 'T05thread:2;');
      gdb.ok(point);
    }
    t.true(over > 5);
    t.is(machine.departure, undefined);
    t.deepEqual(seen, undisturbed(machine.count));
  }
});

test('a locked step that ends on a breakpoint stops at once', (t) => {
  using kernel = raced();
  race(kernel);
  const gdb = new Client(kernel);
  gdb.ok(`Z0,${at(text(1) + 4n)},1`);
  t.is(gdb.stop('vCont;s:2'), 'T05thread:2;');
  t.is(gdb.pc(), text(1) + 4n);
  t.is(kernel.machine.count, 1);
});
