import { type Breakpoint, type Cpu, perfEvents, SUSPEND_LOSES_CPU_EVENTS } from '@hwbp/core';
import { Kgdb } from '@hwbp/kgdb';
import { Ptrace } from '@hwbp/ptrace';
import test from 'ava';
import { touch, tracing } from '../ftrace/support.js';
import { Client } from '../kgdb/client.js';
import { pair } from '../kvm/support.js';
import { PerfRig } from '../perf/support.js';
import { DATA, nop, rigOf, SUBJECTS, type Subject, stateOf, store, writes } from './support.js';

const [first] = SUBJECTS;
const SUBJECT = first as Subject;
const CPUS = { cpus: 3 };

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
