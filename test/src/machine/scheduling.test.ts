import { program } from '@hwbp/core';
import test from 'ava';
import { Journal, kernelOf } from './support.js';

test('tasks of one CPU take turns at timer ticks; a task alone is not disturbed', (t) => {
  const { machine } = kernelOf({ quantum: 5, tick: 10_000 });
  const journal = new Journal();
  const a = machine.spawn(journal.spin('a'));
  machine.run(25);
  t.deepEqual(journal.take(), ['a@0 x25']);
  machine.spawn(journal.spin('b'));
  machine.run(35);
  t.deepEqual(journal.take(), ['a@0 x5', 'b@0 x10', 'a@0 x10', 'b@0 x10']);
  machine.exit(a);
  machine.run(20);
  t.deepEqual(journal.take(), ['b@0 x20']);
});

test('CPUs have turns of one quantum each, in their order; a budget that cuts a turn is continued', (t) => {
  const { machine } = kernelOf({ cpus: 3, quantum: 4 });
  const journal = new Journal();
  for (const name of ['a', 'b', 'c']) machine.spawn(journal.spin(name));
  machine.run(9);
  t.deepEqual(journal.take(), ['a@0 x4', 'b@1 x4', 'c@2 x1']);
  machine.run(5);
  t.deepEqual(journal.take(), ['c@2 x3', 'a@0 x2']);
});

test('a new task goes to the least loaded CPU that its affinity allows', (t) => {
  const { machine } = kernelOf({ cpus: 3 });
  const journal = new Journal();
  const on = (affinity?: number[]) => machine.spawn(journal.spin('x'), affinity === undefined ? {} : { affinity }).cpu;
  t.is(on(), 0);
  t.is(on(), 1);
  t.is(on([0, 1]), 0);
  t.is(on(), 2);
  t.throws(() => on([7]), { code: 'HWBP_NO_SUCH_CPU' });
});

test('setAffinity moves a running task at once, and a waiting one to another queue', (t) => {
  const { machine } = kernelOf({ cpus: 2, quantum: 3 });
  const journal = new Journal();
  const a = machine.spawn(journal.spin('a'), { affinity: [0] });
  const b = machine.spawn(journal.spin('b'), { affinity: [0] });
  machine.run(3);
  machine.setAffinity(a, [1]);
  machine.run(6);
  t.deepEqual(journal.take(), ['a@0 x3', 'a@1 x3', 'b@0 x3']);
  machine.setAffinity(b, [1]);
  machine.setAffinity(a, undefined);
  t.is(b.cpu, 1);
  machine.run(3);
  t.deepEqual(journal.take(), ['a@1 x3'], 'CPU 0 is idle');
});

test('a CPU that goes offline hands its tasks over; the last one stays; affinity to nothing is lifted', (t) => {
  const { machine } = kernelOf({ cpus: 2, quantum: 3 });
  const journal = new Journal();
  const bound = machine.spawn(journal.spin('bound'), { affinity: [1] });
  const asleep = machine.spawn(journal.spin('asleep'), { affinity: [1], run: false });
  machine.run(6);
  machine.setOnline(1, false);
  t.throws(() => machine.setOnline(0, false), { code: 'CPU_LAST_ONLINE' });
  journal.take();
  machine.run(6);
  t.deepEqual(journal.take(), ['bound@0 x6']);
  t.is(bound.affinity, undefined);
  machine.wake(asleep);
  t.is(asleep.cpu, 0, 'a task that slept through it wakes elsewhere');
  machine.setOnline(1, true);
  t.is(machine.spawn(journal.spin('new')).cpu, 1);
});

test('CPUs that begin offline run nothing until they are brought up', (t) => {
  const { machine } = kernelOf({ cpus: 2, offline: [0] });
  const journal = new Journal();
  machine.spawn(journal.spin('a'), {});
  machine.run(5);
  t.deepEqual(journal.take(), ['a@1 x5']);
  t.deepEqual(
    machine.onlineCpus.map(({ index }) => index),
    [1],
  );
});

test('run says why it returned: budget, idle, starved, stopped', (t) => {
  const { machine } = kernelOf();
  t.is(machine.run(5).reason, 'idle', 'there are no tasks');
  let fed = false;
  const feed = {
    get state() {
      return fed ? ('done' as const) : ('starved' as const);
    },
    run: () => 0,
  };
  const reader = machine.spawn(() => feed);
  t.is(machine.run(5).reason, 'starved');
  fed = true;
  machine.wake(reader);
  t.is(machine.run(5).reason, 'idle');
  t.false(reader.alive, 'its program was done');

  machine.spawn(
    program(function* () {
      for (let i = 0; ; i++) {
        if (i === 3) machine.stop('three', { i });
        yield { pc: 0x10n, length: 1 };
      }
    }),
  );
  const stopped = machine.run(100);
  t.like(stopped, { reason: 'stopped', message: 'three', detail: { i: 3 } });
  t.deepEqual(machine.run(10), { reason: 'budget', instructions: 10 });
});

test('hooks tell of switches, ticks, exits and CPUs', (t) => {
  const { machine } = kernelOf({ cpus: 2, quantum: 2, tick: 4000 });
  const seen: string[] = [];
  const { hooks } = machine;
  hooks.contextSwitch.add((cpu, from, to) => seen.push(`${cpu.index}: ${from?.comm} -> ${to?.comm}`));
  hooks.tick.add((cpu) => seen.push(`tick ${cpu.index}`));
  hooks.exit.add((task) => seen.push(`exit ${task.comm} on CPU: ${task.onCpu}`));
  hooks.online.add((cpu) => seen.push(`online ${cpu.index}`));
  const take = hooks.offline.add((cpu) => seen.push(`offline ${cpu.index}, still online: ${cpu.online}`));
  const journal = new Journal();
  machine.spawn(journal.spin('a', 5), { comm: 'a', affinity: [0] });
  machine.spawn(journal.spin('b', 1), { comm: 'b', affinity: [0] });
  machine.run();
  machine.setOnline(1, false);
  machine.setOnline(1, true);
  take();
  machine.setOnline(1, false);
  t.deepEqual(seen, [
    '0: undefined -> a',
    'tick 0',
    '0: a -> b',
    'exit b on CPU: true',
    '0: b -> a',
    'exit a on CPU: true',
    '0: a -> undefined',
    'offline 1, still online: true',
    'online 1',
  ]);
});

test('a handler in the middle of a context switch cannot run that CPU, or take it away: it is done first', (t) => {
  const { machine } = kernelOf({ cpus: 2 });
  const spin = { state: 'ready', run: () => 1 } as const;
  for (let i = 0; i < 3; i++) machine.spawn(() => spin, { affinity: [0] });
  const seen: unknown[] = [];
  machine.hooks.contextSwitch.add((cpu) => {
    if (cpu.index !== 0 || seen.length > 0) return;
    seen.push(machine.run(3).instructions);
    seen.push(t.throws(() => machine.setOnline(0, false), { code: 'CPU_SUSPENDED' })?.message);
  });
  machine.schedule(0);
  t.is(seen[0], 0);
  t.regex(String(seen[1]), /middle of a context switch/);
  machine.setOnline(0, false);
  t.false(machine.cpu(0).online);
});

for (const slice of [Number.POSITIVE_INFINITY, 1]) {
  test(`a task that moves to a CPU whose turn has just passed goes on there (slices of ${slice})`, (t) => {
    using kernel = kernelOf({ cpus: 3, quantum: 1 });
    const { machine } = kernel;
    const journal = new Journal();
    const task = machine.spawn(journal.spin('a', 3), { affinity: [0] });
    machine.run(1);
    machine.setAffinity(task, [2]);
    while (machine.run(slice).reason === 'budget');
    t.deepEqual(journal.take(), ['a@0 x1', 'a@2 x2']);
  });

  test(`one that moves itself does too (slices of ${slice})`, (t) => {
    using kernel = kernelOf({ cpus: 3, quantum: 1 });
    const { machine } = kernel;
    const seen: number[] = [];
    const move = program(function* () {
      yield { pc: 0n, length: 1 };
      for (let i = 0; i < 3; i++) {
        yield { pc: 1n, length: 1, accesses: [{ kind: 'write', address: 0x60n, size: 1, space: 'port', value: 0n }] };
        seen.push(task.cpu);
      }
    });
    const task = machine.spawn(move, { affinity: [0] });
    kernel.hardware.bus.attach(0x60, 1, { read: () => 0n, write: () => machine.setAffinity(task, [2]) });
    while (machine.run(slice).reason === 'budget');
    t.deepEqual(seen, [2, 2, 2]);
  });

  test(`an interrupt wakes a task of a CPU whose turn has just passed (slices of ${slice})`, (t) => {
    using kernel = kernelOf({ cpus: 2, quantum: 1 });
    const { machine } = kernel;
    const journal = new Journal();
    const sleeper = machine.spawn(journal.spin('a', 2), { affinity: [0], run: false });
    machine.hooks.interrupt.add(() => machine.wake(sleeper));
    machine.cpu(1).interrupts.raise(1);
    while (machine.run(slice).reason === 'budget');
    t.deepEqual(journal.take(), ['a@0 x2']);
  });
}

test('an alarm that is set in its own handler, to a time that has passed, keeps no run from ending', (t) => {
  using kernel = kernelOf({ cpus: 2 });
  const { alarms, clock } = kernel.machine.cpu(1);
  const alarm = alarms.create({ expired: () => alarms.set(alarm, clock.now) });
  alarms.set(alarm, 0);
  t.is(kernel.machine.run().reason, 'idle');
});
