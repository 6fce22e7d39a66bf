import { Ppc64DebugUnit } from '@hwbp/arch-ppc64';
import { X86DebugUnit } from '@hwbp/arch-x86';
import { type Breakpoint, type Cpu, perfEvents, SUSPEND_LOSES_CPU_EVENTS } from '@hwbp/core';
import { Kgdb } from '@hwbp/kgdb';
import { Ptrace } from '@hwbp/ptrace';
import test from 'ava';
import { touch, tracing } from '../ftrace/support.js';
import { Client } from '../kgdb/client.js';
import { pair } from '../kvm/support.js';
import { PerfRig } from '../perf/support.js';
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

// --- who lives on it ---

test('step_after_suspend: a traced task steps on every CPU, its registers unchanged, and its watch hits', (t) => {
  for (const subject of SUBJECTS.filter(({ title }) => title.startsWith('x86'))) {
    using rig = rigOf(subject, { ...CPUS, plugins: [Ptrace] });
    const { machine, kernel } = rig;
    const tracer = kernel.get(Ptrace).tracer('debugger');
    for (const cpu of [0, 1, 2]) {
      const task = rig.task(new Array(60).fill(store()), { affinity: [cpu] });
      tracer.attach(task);
      tracer.wait(task);
      tracer.pokeUser(task, tracer.debugOffset(0), DATA);
      tracer.pokeUser(task, tracer.debugOffset(7), 0x9_0001n);
      const look = () => [0, 1, 2, 3, 6, 7].map((register) => tracer.peekUser(task, tracer.debugOffset(register)));
      const go = (how: 'cont' | 'singleStep') => {
        tracer[how](task);
        const status = tracer.wait(task);
        return status?.kind === 'signal' ? [status.info.si_signo, status.info.si_code] : status?.kind;
      };
      const before = [go('cont'), go('singleStep')];
      const registers = look();
      kernel.suspend();
      t.deepEqual(look(), registers, 'they can be read meanwhile');
      kernel.resume();
      t.deepEqual(look(), registers);
      t.deepEqual([go('cont'), go('singleStep')], before, `CPU ${cpu}`);
      t.is(task.cpu, cpu);
      t.like(before, [['SIGTRAP', 4], { 0: 'SIGTRAP' }]);
      tracer.detach(task);
      machine.exit(task);
    }
  }
});

test('step_after_suspend on ppc64: debug requests, steps and hits are the same before and after, on every CPU', (t) => {
  for (const subject of SUBJECTS.filter(({ title }) => title.startsWith('ppc64'))) {
    using rig = rigOf(subject, { ...CPUS, plugins: [Ptrace] });
    const { machine, kernel } = rig;
    const tracer = kernel.get(Ptrace).tracer('debugger');
    for (const cpu of [0, 1, 2]) {
      const task = rig.task(new Array(60).fill(store()), { affinity: [cpu] });
      tracer.attach(task);
      tracer.wait(task);
      const arm = () =>
        tracer.setHwDebug(task, {
          version: 1,
          trigger_type: 4,
          addr_mode: 0,
          condition_mode: 0,
          addr: DATA,
          addr2: 0n,
          condition_value: 0n,
        });
      const go = (how: 'cont' | 'singleStep') => {
        tracer[how](task);
        const status = tracer.wait(task);
        return status?.kind === 'signal' ? [status.info.si_signo, status.info.si_code] : status?.kind;
      };
      const handle = arm();
      const before = [go('cont'), go('singleStep')];
      tracer.delHwDebug(task, handle);
      arm();
      const info = tracer.getHwDebugInfo(task);
      kernel.suspend();
      kernel.resume();
      t.deepEqual(tracer.getHwDebugInfo(task), info);
      t.deepEqual([go('cont'), go('singleStep')], before, `${subject.title}, CPU ${cpu}`);
      t.deepEqual(before, [
        ['SIGTRAP', 4],
        ['SIGTRAP', 2],
      ]);
      tracer.detach(task);
      machine.exit(task);
    }
  }
});

test('gdb that has stopped the machine keeps it stopped over a suspend, and its watches hit on every CPU', (t) => {
  for (const subject of SUBJECTS.filter(({ title }) => /x86/.test(title))) {
    using rig = rigOf(subject, { ...CPUS, plugins: [Kgdb] });
    const { kernel, machine, breakpoints } = rig;
    for (const cpu of [0, 1, 2]) rig.task([...new Array(10).fill(nop()), store()], { affinity: [cpu] });
    const gdb = new Client(kernel);
    gdb.ok(`Z2,${DATA.toString(16)},8`);
    const before = stateOf(rig);
    kernel.suspend();
    kernel.resume();
    t.deepEqual(stateOf(rig), before);
    for (const { index, unit } of machine.cpus) {
      t.true(breakpoints.isMuted(index));
      t.deepEqual(unit.filter.ranges, []);
    }
    const stops = [0, 1, 2].map(() => gdb.stop());
    t.deepEqual(
      stops.sort(),
      [1, 2, 3].map((thread) => `T05watch:${DATA.toString(16)};thread:${thread};`),
    );
  }
});

test('a guest sleeps through a suspend of its host: its breakpoints, its registers and its time are as they were', (t) => {
  using both = pair({ host: { cpus: 2 }, vm: { affinity: [1] } });
  const { host, guest } = both;
  const task = guest.machine.spawn(() => {
    let left = 20;
    return {
      get state() {
        return left > 0 ? ('ready' as const) : ('done' as const);
      },
      run(cpu: Cpu, budget: number) {
        let retired = 0;
        for (; retired < budget && left > 0 && !cpu.attention; retired++, left--) cpu.execute(store());
        return retired;
      },
    };
  });
  const inside = guest.breakpoints.registerUser(writes(), () => {}, task);
  const outside = host.breakpoints.registerCpu(writes(0xffff_8880_0000_0000n), () => {}, 1);
  guest.machine.run(5);
  const hits = inside.hits;
  const { now } = guest.machine.cpu(0).clock;
  host.suspend();
  t.deepEqual(guest.machine.run(5), { reason: 'held', instructions: 0 });
  t.is(guest.machine.cpu(0).clock.now, now);
  host.resume();
  guest.machine.run();
  t.is(inside.hits, 20);
  t.true(hits < 20);
  t.is(outside.state, 'active');
});

test('a guest can be suspended by itself', (t) => {
  using both = pair({ vm: { cpus: 2 } });
  const { guest } = both;
  const watches = [0, 1].map((cpu) => guest.breakpoints.registerCpu(writes(), () => {}, cpu));
  guest.suspend();
  guest.resume();
  for (const cpu of guest.machine.cpus) guest.machine.aside(cpu, () => cpu.execute(store()));
  t.deepEqual(
    watches.map(({ hits }) => hits),
    [1, 1],
  );
});

test('the ksym tracer traces on every CPU after a suspend', (t) => {
  for (const { scheduler } of SUBJECTS.slice(0, 2)) {
    const { kernel, ksym } = tracing(['pid_max:-w-'], { cpus: 2, breakpointScheduler: scheduler() });
    kernel.suspend();
    kernel.resume();
    for (const cpu of [0, 1]) touch(kernel, [['pid_max', 'write']], cpu);
    t.deepEqual(
      ksym.records.map(({ cpu }) => cpu),
      [0, 1],
    );
    kernel.dispose();
  }
});

test('perf counts on over a suspend, of tasks and of CPUs; times stand still meanwhile', (t) => {
  const rig = new PerfRig();
  const worker = rig.worker({ affinity: [1] });
  const files = [rig.file(worker), rig.file(0), rig.file(1)];
  worker.store(0x1000_0010n, 2);
  const before = rig.values(...files);
  rig.kernel.suspend();
  t.deepEqual(rig.values(...files), before);
  rig.kernel.resume();
  worker.store(0x1000_0010n, 3);
  const after = rig.values(...files);
  t.deepEqual(
    after.map((value, i) => value - (before[i] ?? 0)),
    before.map((value) => (value > 0 ? 3 : 0)),
  );
});

// --- what Linux loses ---

test('quirk: events of secondary CPUs are lost and said to be; the last CPU’s are silently dead; tasks’ live on', (t) => {
  const made = { title: '', arch: SUBJECT.arch, scheduler: perfEvents };
  for (const on of [true, false]) {
    using rig = rigOf(made, { quirks: { [SUSPEND_LOSES_CPU_EVENTS.name]: on } });
    const { kernel, machine, breakpoints } = rig;
    const ofCpus = [0, 1].map((cpu) => breakpoints.registerCpu(writes(), () => {}, cpu));
    const wide = breakpoints.registerWide(writes(DATA + 64n), () => {});
    const task = rig.task(
      Array.from({ length: 4 }, () => store(DATA + 128n)),
      { affinity: [1] },
    );
    const ofTask = breakpoints.registerUser(writes(DATA + 128n), () => {}, task);
    machine.run(2);
    kernel.suspend();
    kernel.resume();
    machine.run();
    t.is(ofTask.hits, 4);
    const [zero, one] = ofCpus as [Breakpoint, Breakpoint];
    t.is(rig.hitsOf(one, 1, DATA), on ? 0 : 1);
    t.is(rig.hitsOf(zero, 0, DATA), on ? 0 : 1);
    t.deepEqual(
      [zero, one].map(({ attr, state }) => [attr.disabled === true, state]),
      [
        [false, on ? 'off' : 'active'],
        [on, on ? 'off' : 'active'],
      ],
    );
    t.is(rig.said('warn').filter((text) => text.includes('for a suspend')).length, on ? 2 : 0, 'of CPU 1 only');
    t.is([...wide.members.values()][1]?.state, 'active', 'wide ones follow to the CPUs that come back');
    for (const [cpu, watch] of ofCpus.entries()) {
      breakpoints.enable(watch);
      t.is(rig.hitsOf(watch, cpu, DATA), 1, 'enabled anew, it counts');
    }
  }
});
