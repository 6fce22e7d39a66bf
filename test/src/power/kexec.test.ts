import { X86DebugUnit } from '@hwbp/arch-x86';
import { composeKernel, DRIVERS, type Kernel, NOBODY, priorities, program, RingLogger } from '@hwbp/core';
import { Kgdb } from '@hwbp/kgdb';
import { Kvm } from '@hwbp/kvm';
import { Ptrace } from '@hwbp/ptrace';
import test from 'ava';
import { Client } from '../kgdb/client.js';
import { pair } from '../kvm/support.js';
import { DATA, nop, type Rig, rigOf, SUBJECTS, type Subject, store, writes } from './support.js';

const [first] = SUBJECTS;
const SUBJECT = first as Subject;
const HOWS = ['kexec', 'crash'] as const;

/** A kernel in which everything calls back: hits, alarms, interrupts, ticks, hooks, the die chain. */
function lively(rig: Rig): string[] {
  const { machine, breakpoints } = rig;
  const seen: string[] = [];
  const note = (what: string) => (): void => void seen.push(what);
  breakpoints.registerWide(writes(), note('hit'));
  const task = rig.task(new Array(1000).fill(store(DATA + 64n)), { affinity: [0] });
  rig.task(new Array(1000).fill(nop()), { affinity: [1] });
  machine.run(4);
  if (breakpoints.manifest.slots.data > 1) breakpoints.registerUser(writes(DATA + 64n), note('hit'), task);
  for (const cpu of machine.cpus) {
    cpu.alarms.set(cpu.alarms.create({ expired: note('alarm') }), cpu.clock.now + 5000);
    cpu.interrupts.raise(3);
  }
  for (const name of Object.keys(machine.hooks) as (keyof typeof machine.hooks)[]) {
    machine.hooks[name].add(note(name));
  }
  machine.dieChain.register(() => {
    seen.push('die');
    return 'done';
  });
  return seen;
}

/** Runs stores on every CPU of a kernel. */
function play(kernel: Kernel, address = DATA): unknown[] {
  const { machine } = kernel;
  const tasks = machine.onlineCpus.map(({ index }) =>
    machine.spawn(program(new Array(20).fill(store(address))), { affinity: [index] }),
  );
  machine.run();
  return tasks.map(({ exit }) => exit);
}

const OK = [{ code: 0 }, { code: 0 }];

for (const subject of SUBJECTS) {
  for (const how of HOWS) {
    test(`${how}: nothing of the kernel before is ever called again (${subject.title})`, (t) => {
      const rig = rigOf(subject, { tick: 2000 });
      const seen = lively(rig);
      const { kernel: old, machine } = rig;
      const { hardware } = old;
      const log = new RingLogger();
      const hits = rig.breakpoints.registered.map((one) => one.hits);
      const { count } = machine;
      const next = old[how]({
        arch: subject.arch(),
        breakpointScheduler: subject.scheduler(),
        logger: log,
        tick: 2000,
      });
      seen.length = 0;
      for (const { unit } of hardware.cpus) t.deepEqual(unit.filter.ranges, [], 'before its first instruction');
      for (const driver of next.get(DRIVERS)) t.deepEqual([driver.active, driver.muted], [false, false]);
      t.is(machine.count, count);
      const lines: number[] = [];
      next.machine.hooks.interrupt.add((_, line) => lines.push(line));
      t.deepEqual(play(next), OK);
      t.deepEqual(play(next, DATA + 64n), OK);
      t.deepEqual(lines, how === 'crash' ? [3, 3] : [], 'what was pending is there after a crash');
      const watch = next.breakpoints.registerWide(writes(), () => {});
      t.deepEqual(play(next), OK);
      t.is(watch.hits, 40);
      t.deepEqual(machine.run(100), { reason: 'held', instructions: 0 });
      t.deepEqual(seen, []);
      if (how === 'crash') {
        t.deepEqual(
          rig.breakpoints.registered.map((one) => one.hits),
          hits,
        );
      }
      t.throws(() => old.get(DRIVERS), { code: 'COMPOSE_DISPOSED' });
      t.throws(() => machine.setOnline(1, false), { code: 'HWBP_DISPOSED' });
      t.throws(() => machine.power.suspend(), { code: 'HWBP_DISPOSED' });
      t.throws(() => machine.aside(machine.cpu(0), () => {}), { code: 'HWBP_DISPOSED' });
      t.deepEqual(
        log.entries.map(({ message }) => message),
        how === 'crash' ? ['debug registers of CPU 0, 1 were armed by another kernel: off now'] : [],
      );
      const armed = hardware.cpus.map(({ unit }) => unit.filter.ranges);
      old.dispose();
      t.deepEqual(
        hardware.cpus.map(({ unit }) => unit.filter.ranges),
        armed,
        'whatever it still does reaches nothing',
      );
      t.deepEqual(play(next), OK);
      t.is(watch.hits, 80);
      next.dispose();
      t.true(hardware.cpus.every(({ traps }) => traps === NOBODY));
    });
  }
}

test('kexec hands over every CPU, registers as after a reset; a crash leaves CPUs and memory as they were', (t) => {
  for (const how of HOWS) {
    const rig = rigOf(SUBJECT, { cpus: 3, offline: [2] });
    const { hardware } = rig.kernel;
    rig.breakpoints.registerWide(writes(), () => {});
    hardware.memory.frame(0)[7] = 42;
    const next = rig.kernel[how]({ arch: SUBJECT.arch() });
    t.deepEqual(
      next.machine.onlineCpus.map(({ index }) => index),
      how === 'kexec' ? [0, 1, 2] : [0, 1],
    );
    t.is(hardware.memory.frame(0)[7], 42);
    const unit = hardware.cpu(0).unit as X86DebugUnit;
    t.true(unit instanceof X86DebugUnit);
    t.deepEqual([unit.control, unit.address(0)], [0x400, how === 'kexec' ? 0n : DATA]);
    next.dispose();
  }
});

test('what is wrong with the options is said before the kernel ends: it goes on', (t) => {
  const [, , power7] = SUBJECTS;
  for (const how of HOWS) {
    using rig = rigOf(SUBJECT);
    const watch = rig.breakpoints.registerCpu(writes(), () => {}, 1);
    t.throws(() => rig.kernel[how]({ arch: SUBJECT.arch(), tick: -1 }), { code: 'COMPOSE_INVALID_OPTION' });
    t.throws(() => rig.kernel[how]({ arch: SUBJECT.arch(), offline: [0, 1] }), { message: /at least one CPU/ });
    t.throws(() => rig.kernel[how]({ arch: SUBJECT.arch(), plugins: [Kgdb, Kgdb] }), {
      code: 'COMPOSE_DUPLICATE_PLUGIN',
    });
    const other = (power7 as Subject).arch();
    t.throws(() => rig.kernel[how]({ arch: other }), { code: 'COMPOSE_INVALID_OPTION' });
    t.is(rig.hitsOf(watch, 1), 1);
  }
});

test('a kernel that does not start leaves the hardware to nobody, and the one before has ended', (t) => {
  for (const how of HOWS) {
    const rig = rigOf(SUBJECT);
    class Broken {
      static readonly plugin = { name: 'broken' };
      start(): void {
        throw new Error('no root file system');
      }
      stop(): void {}
    }
    t.throws(() => rig.kernel[how]({ arch: SUBJECT.arch(), plugins: [Broken] }), { code: 'COMPOSE_START_FAILED' });
    t.deepEqual(rig.machine.run(), { reason: 'idle', instructions: 0 });
    t.throws(() => rig.kernel.suspend(), { code: 'COMPOSE_DISPOSED' });
    const third = composeKernel({ arch: SUBJECT.arch(), hardware: rig.kernel.hardware });
    t.deepEqual(play(third), OK);
    third.dispose();
  }
});

test('nothing takes over in the middle of an instruction; a crash does inside an exception, kexec does not', (t) => {
  const rig = rigOf(SUBJECT);
  const { kernel, machine, breakpoints } = rig;
  const errors: unknown[] = [];
  breakpoints.registerCpu(
    writes(),
    (hit) => {
      for (const how of HOWS) errors.push(t.throws(() => kernel[how]({ arch: SUBJECT.arch() }))?.message);
      hit.suspend('panic');
    },
    0,
  );
  rig.task([store(), nop()], { affinity: [0] });
  t.is(machine.run().reason, 'suspended');
  for (const message of errors) t.regex(String(message), /^EBUSY.*executing a program/);
  t.throws(() => kernel.kexec({ arch: SUBJECT.arch() }), { code: 'CPU_SUSPENDED', message: /inside an exception/ });
  const next = kernel.crash({ arch: SUBJECT.arch() });
  t.deepEqual(play(next), OK);
  t.is(machine.run().reason, 'held');
  t.is(errors.length, 2);
  kernel.dispose();
  next.dispose();
});

test('gdb, traced tasks, events and guests of the kernel before are gone, and do not reach the one after', (t) => {
  for (const how of HOWS) {
    for (const { arch, scheduler } of SUBJECTS.slice(0, 2)) {
      const rig = rigOf({ title: '', arch, scheduler }, { plugins: [Kgdb, Ptrace, Kvm] });
      const { kernel: old, machine } = rig;
      const vm = old.get(Kvm).createVm({ affinity: [1] });
      const guest = composeKernel({ arch: arch(), hardware: vm.hardware, strict: true });
      const guests = guest.breakpoints.registerCpu(writes(), () => {}, 0);
      guest.machine.spawn(program(new Array(500).fill(store())));
      guest.machine.run(10);
      t.is(guests.hits, 10);
      const traced = rig.task(new Array(100).fill(store()), { affinity: [0] });
      const tracer = old.get(Ptrace).tracer('debugger');
      tracer.attach(traced);
      tracer.wait(traced);
      tracer.pokeUser(traced, tracer.debugOffset(0), DATA);
      tracer.pokeUser(traced, tracer.debugOffset(7), 0x9_0001n);
      const gdb = new Client(old);
      gdb.ok('Z0,400000,1', `Z2,${(DATA + 64n).toString(16)},8`);
      const { hardware } = old;
      const next = old[how]({ arch: arch(), breakpointScheduler: scheduler(), plugins: [Kgdb, Kvm] });
      t.is(hardware.planted.size, 0);
      t.is(hardware.cpu(1).visitor, undefined);
      t.deepEqual(play(next), OK);
      t.deepEqual(play(next, DATA + 64n), OK);
      t.true(vm.ended);
      const before = guests.hits;
      t.is(guest.machine.run(50).instructions, 0);
      guest.machine.aside(guest.machine.cpu(0), (cpu) => cpu.execute(store()));
      t.true(guests.hits <= before + 1, 'by itself, on no physical CPU');
      for (const { unit } of hardware.cpus) t.deepEqual(unit.filter.ranges, []);
      const again = new Client(next);
      again.ok('Z0,400000,1');
      old.dispose();
      t.is(hardware.planted.size, 1, 'the breakpoint of the new gdb');
      t.is(machine.run().instructions, 0);
      guest.dispose();
      next.dispose();
    }
  }
});

test('a guest kernel starts another one on its virtual hardware, and its host does not notice', (t) => {
  for (const how of HOWS) {
    const { host, guest, vm } = pair();
    const mine = host.breakpoints.registerCpu(writes(), () => {}, 0);
    guest.breakpoints.registerCpu(writes(), () => t.fail('the old one’s'), 0);
    guest.machine.spawn(program(new Array(100).fill(nop())));
    guest.machine.run(5);
    const next = guest[how]({ arch: SUBJECT.arch(), strict: true });
    const watch = next.breakpoints.registerCpu(writes(), () => {}, 0);
    t.deepEqual(play(next), [{ code: 0 }]);
    t.is(watch.hits, 20);
    t.is(mine.hits, 0);
    t.is(mine.state, 'active');
    t.false(vm.ended);
    next.dispose();
    host.dispose();
  }
});

test('a kernel that is suspended does not end so', (t) => {
  using rig = rigOf(SUBJECT);
  rig.kernel.suspend();
  for (const how of HOWS) t.throws(() => rig.kernel[how]({ arch: SUBJECT.arch() }), { code: 'POWER_SUSPENDED' });
  rig.kernel.resume();
});

test('nobody is told of a register that is free because its kernel ends, or after it has crashed', (t) => {
  for (const how of [...HOWS, 'dispose'] as const) {
    for (const subject of SUBJECTS) {
      const rig = rigOf(subject, { slotPolicy: priorities() });
      const { breakpoints, kernel } = rig;
      const told: string[] = [];
      const notices = { installed: () => told.push('installed'), uninstalled: () => told.push('uninstalled') };
      const strong = Array.from({ length: breakpoints.manifest.slots.data }, () =>
        breakpoints.registerWide(writes(), () => {}, { priority: 2 }),
      );
      breakpoints.registerWide(writes(), () => {}, { priority: 1, ...notices });
      breakpoints.registerCpu(writes(), () => {}, 1, { priority: 1, ...notices });
      const next = how === 'dispose' ? undefined : kernel[how]({ arch: subject.arch() });
      if (how === 'crash') for (const one of strong) breakpoints.unregisterWide(one);
      kernel.dispose();
      t.deepEqual(told, [], `${how}, ${subject.title}`);
      next?.dispose();
    }
  }
});
