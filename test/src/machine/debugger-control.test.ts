import { X86DebugUnit } from '@hwbp/arch-x86';
import {
  AddressSpace,
  HW_BREAKPOINT_W,
  KernelError,
  NOBODY_RUNS,
  NOTIFY_STOP,
  PhysicalMemory,
  type Task,
} from '@hwbp/core';
import test from 'ava';
import { Journal, kernelOf, load, store, TEXT, taskOf, watch } from './support.js';

test('a planted breakpoint raises the trap instead of the instruction, on every CPU, with the pc at its address', (t) => {
  using kernel = kernelOf({ cpus: 2 });
  const { machine } = kernel;
  const seen: string[] = [];
  machine.dieChain.register(({ event, cpu }) => {
    seen.push(`${event} ${cpu.index} ${(cpu.context.pc - TEXT).toString()}`);
    machine.planted.lift(TEXT + 4n);
    return NOTIFY_STOP;
  });
  for (let i = 0; i < 2; i++) {
    machine.planted.plant(TEXT + 4n);
    machine.planted.plant(TEXT + 4n);
    t.is(machine.planted.size, 1);
    const task = taskOf(kernel, {}, {}, {});
    machine.setAffinity(task, [i]);
    const { instructions } = machine.run();
    t.is(instructions, 3, 'the instruction itself executes once the breakpoint is gone');
    t.deepEqual(task.exit, { code: 0 });
  }
  t.deepEqual(seen, ['breakpoint 0 4', 'breakpoint 1 4']);
  t.false(machine.planted.lift(TEXT + 4n));
  t.deepEqual(machine.cpu(0).unit.filter.ranges, []);
});

test('a planted breakpoint that nobody claims is a SIGTRAP, as an int3 would be', (t) => {
  using kernel = kernelOf();
  kernel.machine.planted.plant(TEXT);
  const task = taskOf(kernel, {}, {});
  kernel.machine.run();
  t.deepEqual(task.exit, { signal: 'SIGTRAP' });
});

test('planted breakpoints that share a table entry do not disturb each other', (t) => {
  using kernel = kernelOf();
  const { planted } = kernel.machine;
  const addresses = Array.from({ length: 600 }, (_, i) => TEXT + 0x8000n * BigInt(i));
  for (const address of addresses) planted.plant(address);
  for (const address of addresses.slice(1)) planted.lift(address);
  const task = taskOf(kernel, {}, {});
  kernel.machine.run();
  t.deepEqual(task.exit, { signal: 'SIGTRAP' }, 'the one that is left');
});

test('a gate keeps CPUs from executing, and from finishing an exception', (t) => {
  using kernel = kernelOf({ cpus: 2 });
  const { machine } = kernel;
  const tasks = [0, 1].map((cpu) => {
    const task = taskOf(kernel, { accesses: [store()] }, {}, {});
    machine.setAffinity(task, [cpu]);
    return task;
  });
  kernel.breakpoints.registerUser(watch(), (hit) => hit.suspend('test'), tasks[0] as Task);
  t.is(machine.run().reason, 'suspended');
  const openAll = machine.addGate(NOBODY_RUNS);
  t.deepEqual(machine.run(), { reason: 'held', instructions: 0 });
  t.true(machine.isSuspended(machine.cpu(0)));
  openAll();
  const openOther = machine.addGate({ cpu: ({ index }) => index === 1, task: () => true });
  t.deepEqual(machine.run(), { reason: 'held', instructions: 3 });
  t.true(machine.isSuspended(machine.cpu(0)));
  openOther();
  t.deepEqual(machine.run(), { reason: 'idle', instructions: 2 });
});

test('a gate for tasks: one that may not run makes room on its CPU, and keeps its place where nobody else may', (t) => {
  using kernel = kernelOf({ cpus: 1, quantum: 2 });
  const { machine } = kernel;
  const journal = new Journal();
  const [a, b, c] = ['a', 'b', 'c'].map((name) => machine.spawn(journal.spin(name), { comm: name }));
  machine.run(2);
  t.deepEqual(journal.take(), ['a@0 x2']);
  const only = (task: Task | undefined) => ({ cpu: () => true, task: (other: Task) => other === task });
  let open = machine.addGate(only(c));
  machine.run(3);
  t.deepEqual(journal.take(), ['c@0 x3']);
  open();
  open = machine.addGate(only(undefined));
  t.is(machine.run(3).reason, 'held');
  t.is(machine.current(machine.cpu(0)), c);
  open();
  open = machine.addGate(only(b));
  machine.run(1);
  open();
  open = machine.addGate(only(a));
  machine.run(1);
  t.deepEqual(journal.take(), ['b@0 x1', 'a@0 x1']);
});

test('peeking maps nothing, and gives what can be read', (t) => {
  const physical = new PhysicalMemory(4096);
  const lazy = new AddressSpace(physical);
  t.deepEqual([...lazy.peek(0xffen, 4)], [0, 0, 0, 0]);
  t.is(physical.allocated, 0);
  t.false(lazy.isMapped(0x1000n));
  lazy.write(0x1000n, Uint8Array.of(1, 2));
  t.true(lazy.isMapped(0x1000n));
  t.deepEqual([...lazy.peek(0xffen, 5)], [0, 0, 1, 2, 0]);
  t.is(physical.allocated, 1);
  const strict = new AddressSpace(physical, { demandZero: false, directMap: { base: 1n << 63n, size: 1n << 40n } });
  strict.map(0x1000n, 1);
  strict.map(0x2000n, 1, { permissions: { read: false, write: true } });
  t.is(strict.peek(0x1ff0n, 64).length, 16, 'up to a page that cannot be read');
  t.is(strict.peek(0x2000n, 8).length, 0);
  t.deepEqual([...strict.peek(0x1ffen, 4, { force: true })], [0, 0, 0, 0], 'unless it is a debugger who asks');
  strict.map(0x3000n, 1, { permissions: { read: false, write: false } });
  strict.write(0x3000n, Uint8Array.of(7), { force: true });
  t.deepEqual([...strict.read(0x3000n, 1, { force: true })], [7]);
  t.throws(() => strict.read(0x3000n, 1), { message: 'EFAULT: load from 0x3000: the page there may not be read' });
  t.throws(() => strict.write(0x3000n, Uint8Array.of(1)), {
    message: 'EFAULT: store to 0x3000: the page there may not be written',
  });
  t.throws(() => strict.read(0x5000n, 1, { force: true }), {
    message: 'EFAULT: load from 0x5000: no page is mapped there',
  });
  t.is(strict.peek(0x5000n, 8, { force: true }).length, 0);
  t.is(strict.peek(0x5000n, 8).length, 0);
  t.is(strict.peek(0xffff_ffff_ffff_fffcn, 8).length, 0);
  t.deepEqual([...strict.peek(1n << 63n, 2)], [1, 2], 'the direct map');
  t.is(strict.peek((1n << 63n) + 0x10_0000n, 2).length, 0);
});

test('a debugger inside: a CPU that comes online stays disarmed, and is armed when it leaves', (t) => {
  using kernel = kernelOf({ cpus: 2, offline: [1] });
  const { debugger: slots } = kernel.breakpoints;
  kernel.breakpoints.registerWide({ ...watch(), bp_addr: 0x4000n }, () => {});
  const control = (cpu: number): number => {
    const { unit } = kernel.machine.cpu(cpu);
    return unit instanceof X86DebugUnit ? unit.control : 0;
  };
  const armed = control(0);
  slots.enter('a debugger');
  slots.enter('a debugger');
  kernel.machine.setOnline(1, true);
  t.deepEqual([control(0), control(1)], [0x400, 0x400]);
  const error = t.throws(() => slots.enter('another'), { instanceOf: KernelError, code: 'HWBP_DEBUGGER_INSIDE' });
  t.regex(error?.message ?? '', /^EBUSY: a debugger has stopped this machine; let it go on first/);
  slots.leave();
  slots.leave();
  t.deepEqual([control(0), control(1)], [armed, armed]);
  t.is(slots.inside, undefined);
});

test('a hit that waits in the exception is delivered after the debugger has left', (t) => {
  using kernel = kernelOf();
  const hits: string[] = [];
  const task = taskOf(kernel, { accesses: [load(), store()] }, {});
  const note = (name: string) => (): void => {
    hits.push(name);
  };
  kernel.breakpoints.registerUser(watch(), (hit) => hit.suspend('test'), task);
  kernel.breakpoints.registerUser({ ...watch(), bp_type: HW_BREAKPOINT_W }, note('second'), task);
  kernel.machine.run();
  kernel.breakpoints.debugger.enter('a debugger');
  kernel.breakpoints.debugger.leave();
  t.deepEqual(hits, []);
  kernel.machine.run();
  t.deepEqual(hits, ['second']);
});
