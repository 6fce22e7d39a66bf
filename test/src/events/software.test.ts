import { x86 } from '@hwbp/arch-x86';
import {
  composeKernel,
  EVENT_TYPE,
  EVENTS,
  type EventAttr,
  KernelError,
  perfEvents,
  program,
  SOFTWARE_EVENT,
} from '@hwbp/core';
import test from 'ava';
import { nop } from '../ptrace/support.js';
import { A, EventsRig, Overflows, states } from './support.js';

const KERNEL = 0xffff_ffff_8100_0000n;
const { CPU_CLOCK, TASK_CLOCK, CONTEXT_SWITCHES, DUMMY } = SOFTWARE_EVENT;
const software = (config: number, attr: Partial<EventAttr> = {}): EventAttr => ({
  type: EVENT_TYPE.SOFTWARE,
  config,
  ...attr,
});
const nops = (n: number) => new Array(n).fill(nop);

test('context-switches of a task: each time that it leaves its CPU', (t) => {
  const rig = new EventsRig({ cpus: 1 });
  const [worker, other] = [rig.worker(), rig.worker()];
  const switches = rig.open(worker, software(CONTEXT_SWITCHES));
  const wide = rig.open(0, software(CONTEXT_SWITCHES));
  worker.run(nop);
  t.deepEqual(rig.counts(switches, wide), [1, 1]);
  other.run(nop);
  t.deepEqual(rig.counts(switches, wide), [1, 2]);
  worker.run(nop, nop, nop);
  t.deepEqual(rig.counts(switches, wide), [2, 3]);
});

test('context-switches: exclude_kernel drops them all, they are of the kernel; a period of two overflows every other time', (t) => {
  const rig = new EventsRig({ cpus: 1 });
  const worker = rig.worker();
  const overflows = new Overflows();
  const user = rig.open(worker, software(CONTEXT_SWITCHES, { exclude_kernel: true }));
  const kernel = rig.open(worker, software(CONTEXT_SWITCHES, { exclude_user: true, sample_period: 2 }), {
    handler: overflows.handler,
  });
  for (let i = 0; i < 5; i++) worker.run(nop);
  t.deepEqual(rig.counts(user, kernel), [0, 5]);
  t.deepEqual(overflows.counts, [2, 4]);
  t.deepEqual(
    overflows.seen.map(({ occurrence: { mode, task, address } }) => [mode, task, address]),
    new Array(2).fill(['kernel', worker.task, undefined]),
  );
});

test('task-clock and cpu-clock of a task: the nanoseconds that it runs', (t) => {
  const rig = new EventsRig({ cpus: 1 });
  const [worker, other] = [rig.worker(), rig.worker()];
  const clocks = [TASK_CLOCK, CPU_CLOCK].map((config) => rig.open(worker, software(config)));
  worker.run(...nops(30));
  other.run(...nops(100));
  t.deepEqual(rig.counts(...clocks), [30_000, 30_000]);
  worker.call(() => t.deepEqual(rig.counts(...clocks), [31_000, 31_000], 'up to date while it runs'));
});

test('cpu-clock of a CPU: whatever runs there', (t) => {
  const rig = new EventsRig();
  const [here, there] = [rig.worker(), rig.worker({ affinity: [1] })];
  const clock = rig.open(1, software(CPU_CLOCK));
  here.run(...nops(30));
  there.run(...nops(20));
  t.is(rig.count(clock), 20_000);
  rig.events.disable(clock);
  there.run(...nops(20));
  rig.events.enable(clock);
  there.run(...nops(5));
  t.is(rig.count(clock), 25_000);
  rig.events.reset(clock);
  there.run(...nops(2));
  t.is(rig.count(clock), 2000);
});

// Linux gives it an hrtimer: it need not wait for a tick, as it did here at first.
test('a clock with a period overflows behind the instruction in which its period ends', (t) => {
  const rig = new EventsRig({ cpus: 1, tick: 10_000, quantum: 5 });
  const spinner = rig.worker({ spin: true });
  const overflows = new Overflows();
  rig.open(spinner, software(CPU_CLOCK, { sample_period: 25_000 }), { handler: overflows.handler });
  rig.machine.run(305);
  // Once in 25 instructions, and with every overflow the period that it stands for.
  t.is(overflows.seen.length, 12);
  t.deepEqual(new Set(overflows.seen.map(({ period }) => period)), new Set([25_000]));
});

test('a period that is shorter than 10 microseconds is as long; a clock that stands still keeps what is left', (t) => {
  const rig = new EventsRig({ cpus: 1, quantum: 5 });
  const spinner = rig.worker({ spin: true });
  const [short, long] = [new Overflows(), new Overflows()];
  rig.open(spinner, software(CPU_CLOCK, { sample_period: 1000 }), { handler: short.handler });
  const event = rig.open(spinner, software(CPU_CLOCK, { sample_period: 40_000 }), { handler: long.handler });
  rig.machine.run(30);
  t.is(short.seen.length, 3);
  rig.events.disable(event);
  rig.machine.run(100);
  t.is(long.seen.length, 0);
  rig.events.enable(event);
  rig.machine.run(9);
  t.is(long.seen.length, 0);
  rig.machine.run(2);
  t.is(long.seen.length, 1);
});

test('a sample says what its CPU executed for: a task, a handler, or nothing', (t) => {
  const kernel = composeKernel({ arch: x86(), breakpointScheduler: perfEvents() });
  const { machine } = kernel;
  const seen: string[] = [];
  machine.interrupts.handle(1, {
    name: 'long',
    program: program(Array.from({ length: 40 }, (_, i) => ({ pc: KERNEL + BigInt(i), length: 1 }))),
  });
  const spin = program(Array.from({ length: 60 }, (_, i) => ({ pc: 0x1000n + BigInt(i), length: 1 })));
  machine.spawn(spin);
  kernel
    .get(EVENTS)
    .open(
      software(CPU_CLOCK, { sample_period: 20_000 }),
      { cpu: 0 },
      { handler: (_, { context = 'idle' }) => seen.push(context) },
    );
  machine.run(30);
  machine.interrupts.raise(1);
  machine.run();
  t.deepEqual(seen, ['task', 'hardirq', 'hardirq', 'task', 'task']);
});

test('no clock overflows with interrupts off: once when they are on again, however often it would have', (t) => {
  const kernel = composeKernel({ arch: x86(), breakpointScheduler: perfEvents() });
  const { machine } = kernel;
  const seen: number[] = [];
  const deaf = program(function* () {
    yield { pc: KERNEL, length: 1, irqs: 'off' };
    for (let i = 1n; i < 60n; i++) yield { pc: KERNEL + i, length: 1 };
    t.deepEqual(seen, []);
    yield { pc: KERNEL + 60n, length: 1, irqs: 'on' };
    for (let i = 61n; i < 80n; i++) yield { pc: KERNEL + i, length: 1 };
  });
  const task = machine.spawn(deaf, { mode: 'kernel' });
  kernel
    .get(EVENTS)
    .open(
      software(CPU_CLOCK, { sample_period: 20_000 }),
      { task, cpu: -1 },
      { handler: () => seen.push(machine.count) },
    );
  machine.run();
  t.deepEqual(seen, [61, 80]);
});

test('dummy counts nothing and keeps its place', (t) => {
  const rig = new EventsRig();
  const worker = rig.worker();
  const dummy = rig.open(worker, software(DUMMY));
  worker.store(A, 5);
  const { count, enabled, running } = rig.read(dummy);
  t.is(count, 0);
  t.true(enabled > 0 && running === enabled);
});

test('what it does not count is ENOENT, and the refusal lists what it does; so is a type that no PMU has', (t) => {
  const rig = new EventsRig();
  const unknown = t.throws(() => rig.open(0, software(2)), { instanceOf: KernelError, code: 'EVENT_NO_PMU' });
  t.is(unknown.errno, 'ENOENT');
  t.regex(unknown.message, /CPU_CLOCK 0, TASK_CLOCK 1, CONTEXT_SWITCHES 3, DUMMY 9/);
  const hardware = t.throws(() => rig.open(0, { type: EVENT_TYPE.HARDWARE }), { instanceOf: KernelError });
  t.is(hardware.errno, 'ENOENT');
  t.regex(hardware.message, /breakpoint 5, software 1/);
});

test('software events cannot be modified: EOPNOTSUPP', (t) => {
  const rig = new EventsRig();
  const event = rig.open(0, software(DUMMY));
  const error = t.throws(() => rig.events.modify(event, { bp_addr: 1n }), { instanceOf: KernelError });
  t.deepEqual([error.code, error.errno], ['EVENT_NOT_MODIFIABLE', 'EOPNOTSUPP']);
});

test('in a group with breakpoints, either may lead: they go on and off together', (t) => {
  const rig = new EventsRig({ cpus: 1 });
  const worker = rig.worker();
  const clock = rig.open(worker, software(TASK_CLOCK, { disabled: true }));
  const watch = rig.watch(worker, {}, { leader: clock });
  const leader = rig.watch(worker);
  const switches = rig.open(worker, software(CONTEXT_SWITCHES), { leader });
  worker.store(A, 3);
  t.deepEqual(rig.counts(clock, watch, leader, switches), [0, 0, 3, 1]);
  rig.events.enable(clock);
  rig.events.disable(leader);
  worker.store(A, 4);
  t.deepEqual(rig.counts(clock, watch, leader, switches), [4000, 4, 3, 1]);
  worker.call(() => t.deepEqual(states(clock, watch, leader, switches), ['ACTIVE', 'ACTIVE', 'OFF', 'INACTIVE']));
});

test('inherited by a child, whose clock is added', (t) => {
  const rig = new EventsRig({ cpus: 1 });
  const worker = rig.worker();
  const clock = rig.open(worker, software(TASK_CLOCK, { inherit: true }));
  const child = worker.fork();
  const before = rig.count(clock);
  child.run(...nops(10));
  t.is(rig.count(clock) - before, 10_000);
  child.exit();
  t.is(rig.count(clock) - before, 10_000);
});
