import { Ppc64DebugUnit } from '@hwbp/arch-ppc64';
import { X86DebugUnit } from '@hwbp/arch-x86';
import { type Breakpoint, type Cpu, perfEvents } from '@hwbp/core';
import test from 'ava';
import { DATA, nop, type Rig, rigOf, SUBJECTS, type Subject, stateOf, store, TEXT, writes } from './support.js';

const [first] = SUBJECTS;
const SUBJECT = first as Subject;
const CPUS = { cpus: 3 };

/** So that what is not restored stands behind all that is. */
const UNUSED: readonly undefined[] = new Array(5).fill(undefined);

/** What the chip itself holds, where the test knows the chip. */
function silicon({ unit }: Cpu): readonly unknown[] {
  if (unit instanceof X86DebugUnit) {
    return [unit.control, unit.status, ...[0, 1, 2, 3].map((register) => unit.address(register))];
  }
  const { ranges } = unit.filter;
  return unit instanceof Ppc64DebugUnit ? [ranges, ...UNUSED, unit.dar, unit.dsisr] : [ranges];
}

/** What a power-on gives. */
function resetOf(rig: Rig): unknown {
  const fresh = rigOf({ title: '', arch: () => rig.arch, scheduler: perfEvents });
  try {
    return silicon(fresh.machine.cpu(0));
  } finally {
    fresh.kernel.dispose();
  }
}

/** Ways in which something is watched, and where a store hits it. */
const KINDS: Readonly<Record<string, (rig: Rig) => readonly (readonly [Breakpoint, cpu: number])[]>> = {
  'of a CPU': ({ breakpoints }) => [0, 1, 2].map((cpu) => [breakpoints.registerCpu(writes(), () => {}, cpu), cpu]),
  wide: ({ breakpoints }) => [...breakpoints.registerWide(writes(), () => {}).members].map(([cpu, one]) => [one, cpu]),
};

for (const subject of SUBJECTS) {
  for (const [kind, register] of Object.entries(KINDS)) {
    test(`a breakpoint ${kind} that was armed is armed after a suspend, and in no register meanwhile (${subject.title})`, (t) => {
      using rig = rigOf(subject, CPUS);
      const { machine, kernel } = rig;
      const reset = resetOf(rig);
      const watches = register(rig);
      for (const [breakpoint, cpu] of watches) t.is(rig.hitsOf(breakpoint, cpu, DATA), 1);
      const before = stateOf(rig);
      // What a hit has left in DAR and DSISR is nobody's any more.
      const armed = machine.cpus.map((cpu) => silicon(cpu).slice(0, 6));
      kernel.suspend();
      for (const cpu of machine.cpus) {
        t.false(cpu.online);
        t.deepEqual(silicon(cpu), reset, `CPU ${cpu.index} has lost its registers`);
        t.deepEqual(cpu.unit.filter.ranges, []);
      }
      kernel.resume();
      t.deepEqual(stateOf(rig), before);
      t.deepEqual(
        machine.cpus.map((cpu) => silicon(cpu).slice(0, 6)),
        armed,
        'register by register',
      );
      for (const [breakpoint, cpu] of watches) t.is(rig.hitsOf(breakpoint, cpu, DATA), 1);
      t.deepEqual([...rig.said('warn'), ...rig.said('error')], []);
    });
  }

  test(`a task's breakpoint goes with it over a suspend; every task stays on its CPU (${subject.title})`, (t) => {
    using rig = rigOf(subject, CPUS);
    const { machine, kernel, breakpoints } = rig;
    const code = Array.from({ length: 40 }, (_, i) => store(DATA, TEXT + BigInt(4 * i)));
    const tasks = [0, 1, 2].map((cpu) => rig.task(code, { affinity: [cpu] }));
    const watches = tasks.map((task) => breakpoints.registerUser(writes(), () => {}, task));
    const idle = rig.task([store()], { affinity: [2], run: false });
    watches.push(breakpoints.registerUser(writes(), () => {}, idle));
    machine.run(30);
    const before = tasks.map(({ cpu, affinity, context: { pc } }) => [cpu, affinity, pc]);
    const hits = watches.map((watch) => watch.hits);
    kernel.suspend();
    t.deepEqual(machine.run(1000), { reason: 'held', instructions: 0 });
    machine.wake(idle);
    t.is(idle.cpu, 2, 'it waits for its CPU');
    const born = rig.task([nop()], { affinity: [1] });
    t.is(born.cpu, 1);
    kernel.resume();
    t.deepEqual(
      tasks.map(({ cpu, affinity, context: { pc } }) => [cpu, affinity, pc]),
      before,
    );
    t.deepEqual(
      watches.map((watch) => watch.hits),
      hits,
      'nothing happened meanwhile',
    );
    t.is(machine.run().reason, 'idle');
    t.deepEqual(
      watches.map((watch) => watch.hits),
      [40, 40, 40, 1],
    );
    t.deepEqual(born.exit, { code: 0 });
  });

  test(`whoever refuses a suspend, everything goes on as it was (${subject.title})`, (t) => {
    using rig = rigOf(subject, CPUS);
    const { machine, kernel, breakpoints } = rig;
    rig.task(new Array(100).fill(store()), { affinity: [0] });
    breakpoints.registerWide(writes(), () => {});
    machine.run(7);
    const fail = () => {
      throw new Error('no');
    };
    const refusals = [
      () => machine.power.register('devices', 'no', { suspend: fail }),
      () => machine.power.register('core', 'no', { suspend: fail }),
      () => machine.hotplug.register('online', 'no', { teardown: (cpu) => cpu.index === 1 && fail() }),
    ];
    for (const refuse of refusals) {
      const before = stateOf(rig);
      const back = refuse();
      t.throws(() => kernel.suspend(), { message: 'no' });
      back();
      t.deepEqual(stateOf(rig), before);
      t.false(machine.power.suspended);
      t.is(machine.run(3).reason, 'budget');
    }
    kernel.suspend();
    kernel.resume();
    const [member] = breakpoints.registered.filter(({ cpu }) => cpu === 2);
    t.is(member === undefined ? undefined : rig.hitsOf(member, 2, DATA), 1);
  });
}

test('a suspend goes through devices, secondary CPUs and core, in reverse of how they registered, and back', (t) => {
  using rig = rigOf(SUBJECT, CPUS);
  const { machine, kernel } = rig;
  const seen: string[] = [];
  for (const name of ['a', 'b']) {
    for (const stage of ['core', 'devices'] as const) {
      machine.power.register(stage, name, {
        suspend: (cpu) => seen.push(`-${stage} ${name} ${cpu.index} of ${machine.onlineCpus.length}`),
        resume: (cpu) => seen.push(`+${stage} ${name} ${cpu.index} of ${machine.onlineCpus.length}`),
      });
    }
  }
  machine.hotplug.register('online', 'test', {
    startup: (cpu, why) => seen.push(`+${cpu.index} ${why}`),
    teardown: (cpu, why) => seen.push(`-${cpu.index} ${why}`),
  });
  kernel.suspend();
  t.deepEqual(seen.splice(0), [
    '-devices b 0 of 3',
    '-devices a 0 of 3',
    '-2 suspend',
    '-1 suspend',
    '-core b 0 of 1',
    '-core a 0 of 1',
  ]);
  kernel.resume();
  t.deepEqual(seen, [
    '+core a 0 of 1',
    '+core b 0 of 1',
    '+1 suspend',
    '+2 suspend',
    '+devices a 0 of 3',
    '+devices b 0 of 3',
  ]);
});

test('CPUs that were offline stay so; what was pending on each stays pending there', (t) => {
  using rig = rigOf(SUBJECT, { cpus: 4, offline: [3] });
  const { machine, kernel } = rig;
  const seen: unknown[] = [];
  machine.hooks.interrupt.add((cpu, line) => seen.push([cpu.index, line]));
  for (const cpu of machine.cpus.slice(0, 3)) {
    cpu.interrupts.raise(cpu.index + 3);
    cpu.alarms.set(cpu.alarms.create({ expired: () => seen.push([cpu.index, 'alarm']) }), 0);
  }
  const task = rig.task([nop(), nop()], { affinity: [1], run: false });
  machine.sendSignal(task, { si_signo: 'SIGUSR1', si_code: 0 });
  kernel.suspend();
  machine.cpu(2).interrupts.raise(9);
  machine.run();
  t.deepEqual(seen, []);
  kernel.resume();
  t.deepEqual(
    machine.onlineCpus.map(({ index }) => index),
    [0, 1, 2],
  );
  machine.run();
  t.deepEqual(seen, [
    [0, 'alarm'],
    [0, 3],
    [1, 'alarm'],
    [1, 4],
    [2, 'alarm'],
    [2, 5],
    [2, 9],
  ]);
  machine.wake(task);
  machine.run();
  t.deepEqual(task.exit, { signal: 'SIGUSR1' });
});

test('there is one suspend at a time, and none while a CPU is in the middle of something', (t) => {
  using rig = rigOf(SUBJECT, CPUS);
  const { machine, kernel } = rig;
  t.throws(() => kernel.resume(), { code: 'POWER_AWAKE', message: /EINVAL/ });
  const errors: string[] = [];
  const nested = machine.power.register('devices', 'nests', {
    suspend: () => errors.push(t.throws(() => kernel.suspend(), { code: 'POWER_SUSPENDED' }).message),
  });
  kernel.suspend();
  nested();
  t.is(errors.length, 1);
  t.throws(() => kernel.suspend(), { code: 'POWER_SUSPENDED', message: /EBUSY/ });
  t.throws(() => machine.setOnline(1, true), { code: 'POWER_SUSPENDED' });
  kernel.resume();
  const busy = rig.breakpoints.registerCpu(
    writes(),
    (hit) => {
      errors.push(t.throws(() => kernel.suspend(), { code: 'CPU_SUSPENDED' }).message);
      hit.suspend('look');
    },
    1,
  );
  rig.task([store()], { affinity: [1] });
  t.is(machine.run().reason, 'suspended');
  t.throws(() => kernel.suspend(), { code: 'CPU_SUSPENDED', message: /inside an exception/ });
  machine.run();
  t.is(busy.hits, 1);
  t.throws(() => machine.power.register('later' as 'core', 'x', {}), { instanceOf: TypeError });
  t.throws(() => machine.power.register('core', 'x', { suspend: 7 as never }), { instanceOf: TypeError });
});

test('a CPU that does not come back stays down, which is said; its tasks and interrupts go elsewhere', (t) => {
  using rig = rigOf(SUBJECT, CPUS);
  const { machine, kernel, breakpoints } = rig;
  const task = rig.task(new Array(10).fill(nop()), { affinity: [1] });
  const watch = breakpoints.registerCpu(writes(), () => {}, 1);
  machine.run(2);
  machine.cpu(1).interrupts.raise(4);
  kernel.suspend();
  const seen: number[] = [];
  machine.hooks.interrupt.add((cpu) => seen.push(cpu.index));
  const back = machine.hotplug.register('online', 'broken', {
    startup: (cpu) => {
      if (cpu.index === 1) throw new Error('no answer');
    },
  });
  kernel.resume();
  t.deepEqual(rig.said('error'), ['CPU 1 did not come back from the suspend: Error: no answer']);
  t.false(machine.cpu(1).online);
  machine.run();
  t.deepEqual([task.exit, seen], [{ code: 0 }, [0]]);
  back();
  machine.setOnline(1, true);
  t.is(rig.hitsOf(watch, 1), 1, 'it waited for its CPU');
});
