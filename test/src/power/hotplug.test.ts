import {
  architecture,
  type Breakpoint,
  EVENT_STATE,
  EVENT_TYPE,
  EVENTS,
  HOTPLUG_STATES,
  type HotplugState,
  perfEvents,
  priorities,
  SOFTWARE_EVENT,
} from '@hwbp/core';
import { Kgdb } from '@hwbp/kgdb';
import { fakeBackend } from '@hwbp/testkit';
import test from 'ava';
import { Client } from '../kgdb/client.js';
import { pair } from '../kvm/support.js';
import { DATA, nop, rigOf, SUBJECTS, type Subject, stateOf, store, writes } from './support.js';

const [first] = SUBJECTS;
const SUBJECT = first as Subject;

test('a CPU comes up through the states in their order, whoever registered first, and goes down in reverse', (t) => {
  using rig = rigOf(SUBJECT);
  const { machine } = rig;
  const seen: string[] = [];
  for (const state of [...HOTPLUG_STATES].reverse()) {
    for (const name of ['a', 'b']) {
      machine.hotplug.register(state, name, {
        startup: (cpu, why) => seen.push(`+${state} ${name} ${cpu.index} ${why} ${cpu.online}`),
        teardown: (cpu, why) => seen.push(`-${state} ${name} ${cpu.index} ${why} ${cpu.online}`),
      });
    }
  }
  const walk = [...HOTPLUG_STATES].flatMap((state) => [`${state} a`, `${state} b`]);
  const powered = (one: string): boolean => !one.startsWith('prepare');
  machine.setOnline(1, false);
  t.deepEqual(
    seen.splice(0),
    walk.toReversed().map((one) => `-${one} 1 hotplug ${powered(one)}`),
  );
  machine.setOnline(1, true);
  t.deepEqual(
    seen.splice(0),
    walk.map((one) => `+${one} 1 hotplug ${powered(one)}`),
  );
  t.deepEqual(
    machine.hotplug.entries.filter(({ name }) => name.length > 1),
    [
      { state: 'registers:starting', name: 'debug registers' },
      { state: 'scheduler:starting', name: 'direct scheduler' },
      { state: 'debuggers:starting', name: 'debugger slots' },
      { state: 'wide:starting', name: 'wide breakpoints' },
    ],
  );
});

test('the task is still on its CPU in online, and off it in starting; the machine’s hooks come in between', (t) => {
  using rig = rigOf(SUBJECT);
  const { machine } = rig;
  const task = rig.task(new Array(100).fill(nop()), { affinity: [1] });
  machine.run(2);
  const seen: unknown[] = [];
  for (const state of ['starting', 'online'] as const) {
    machine.hotplug.register(state, 'test', { teardown: () => seen.push([state, task.onCpu]) });
  }
  machine.hooks.offline.add((cpu) => seen.push(['hook', task.onCpu, cpu.online]));
  machine.setOnline(1, false);
  t.deepEqual(seen, [
    ['online', true],
    ['hook', false, true],
    ['starting', false],
  ]);
  t.deepEqual([task.cpu, task.state], [0, 'running']);
});

for (const subject of SUBJECTS) {
  /** Everything that follows CPUs: of a task, of CPUs, wide, a debugger's, and one that was enabled while away. */
  const populated = () => {
    const rig = rigOf(subject, { cpus: 3, offline: [2] });
    const { breakpoints, machine } = rig;
    const task = rig.task(new Array(1000).fill(store()), { affinity: [1] });
    machine.run(5);
    // POWER7 has one register.
    if (breakpoints.manifest.slots.data > 1) breakpoints.registerUser(writes(), () => {}, task, { owner: 'user' });
    breakpoints.registerWide(writes(DATA + 64n), () => {}, { owner: 'wide' });
    return { rig, task };
  };

  for (const state of ['prepare', 'online'] as const) {
    test(`a CPU that does not come up because ${state} refuses leaves everything as it was (${subject.title})`, (t) => {
      const { rig } = populated();
      using _ = rig;
      const { machine, breakpoints } = rig;
      const before = stateOf(rig);
      const calls: string[] = [];
      const note = (name: string) => ({
        startup: () => void calls.push(`+${name}`),
        teardown: (_cpu: unknown, why: string) => void calls.push(`-${name} ${why}`),
      });
      machine.hotplug.register(state, 'early', note('early'));
      const refuse = machine.hotplug.register(state, 'refuses', {
        startup: () => {
          throw new Error('not today');
        },
        teardown: () => calls.push('never'),
      });
      machine.hotplug.register(state, 'late', note('late'));
      t.throws(() => machine.setOnline(2, true), { message: 'not today' });
      t.deepEqual(calls, ['+early', '-early undo']);
      t.deepEqual(stateOf(rig), before);
      t.deepEqual(rig.said('warn'), ['CPU 2 stays down: refuses: Error: not today']);
      refuse();
      machine.setOnline(2, true);
      const [wide] = breakpoints.registered.filter(({ owner, cpu }) => owner === 'wide' && cpu === 2);
      t.is(wide === undefined ? undefined : rig.hitsOf(wide, 2), 1);
    });
  }

  test(`a CPU that stays because online refuses leaves everything as it was, hits and all (${subject.title})`, (t) => {
    const { rig, task } = populated();
    using _ = rig;
    const { machine } = rig;
    machine.run(20);
    const before = stateOf(rig);
    const calls: string[] = [];
    machine.hotplug.register('online', 'refuses', {
      teardown: () => {
        throw new Error('busy');
      },
    });
    machine.hotplug.register('online', 'late', {
      startup: (_cpu, why) => calls.push(`+late ${why}`),
      teardown: (_cpu, why) => calls.push(`-late ${why}`),
    });
    t.throws(() => machine.setOnline(1, false), { message: 'busy' });
    t.deepEqual(calls, ['-late hotplug', '+late undo']);
    t.deepEqual(stateOf(rig), before);
    t.is(machine.current(machine.cpu(1)), task);
  });

  test(`what is enabled while its CPU is away stays so when that comes up in vain (${subject.title})`, (t) => {
    using rig = rigOf(subject);
    const { machine, breakpoints } = rig;
    const watch = breakpoints.registerCpu(writes(), () => {}, 1);
    machine.setOnline(1, false);
    t.is(rig.said('warn').length, 1, 'lost, and said to be lost');
    breakpoints.enable(watch);
    const before = stateOf(rig);
    const refuse = machine.hotplug.register('online', 'refuses', {
      startup: () => {
        throw new Error('not today');
      },
    });
    t.throws(() => machine.setOnline(1, true));
    t.deepEqual(stateOf(rig), before);
    refuse();
    machine.setOnline(1, true);
    t.is(rig.hitsOf(watch, 1), 1);
  });
}

test('a starting state cannot refuse: its error is logged, and the CPU goes on its way', (t) => {
  using rig = rigOf(SUBJECT);
  const { machine } = rig;
  const fail = () => {
    throw new Error('oops');
  };
  machine.hotplug.register('starting', 'bad', { startup: fail, teardown: fail });
  machine.hotplug.register('prepare', 'bad', { teardown: fail });
  machine.setOnline(1, false);
  t.false(machine.cpu(1).online);
  machine.setOnline(1, true);
  t.true(machine.cpu(1).online);
  t.deepEqual(rig.said('error'), [
    'CPU 1: the teardown of bad (starting) threw: Error: oops',
    'CPU 1: the teardown of bad (prepare) threw: Error: oops',
    'CPU 1: the startup of bad (starting) threw: Error: oops',
  ]);
});

test('alarms move with the time that was left, the tick stays, and lines that nobody took are another CPU’s', (t) => {
  using rig = rigOf(SUBJECT, { tick: 4000 });
  const { machine } = rig;
  const [zero, one] = [machine.cpu(0), machine.cpu(1)];
  rig.task(new Array(10).fill(nop()), { affinity: [0] });
  machine.run();
  const seen: unknown[] = [];
  const alarm = one.alarms.create({ expired: () => seen.push(['alarm', zero.clock.now]) });
  const off = one.alarms.create({ expired: () => seen.push('cancelled') });
  one.alarms.set(alarm, one.clock.now + 3000);
  one.alarms.set(off, one.clock.now + 3000);
  machine.hooks.interrupt.add((cpu, line) => seen.push([cpu.index, line]));
  const ticks: number[] = [];
  machine.hooks.tick.add((cpu) => ticks.push(cpu.index));
  one.interrupts.raise(5);
  one.interrupts.raise(40);
  machine.setOnline(1, false);
  t.deepEqual([alarm.at, one.interrupts.pending], [zero.clock.now + 3000, false]);
  one.alarms.cancel(off);
  rig.task(new Array(8).fill(nop()), { affinity: [0] });
  machine.run();
  t.deepEqual(seen, [
    [0, 5],
    [0, 40],
    ['alarm', 13_000],
  ]);
  t.deepEqual(new Set(ticks), new Set([0]));
  machine.setOnline(1, true);
  ticks.length = 0;
  rig.task(new Array(8).fill(nop()), { affinity: [1] });
  machine.run();
  t.deepEqual(ticks, [1, 1], 'its own tick is there again');
});

test('no CPU comes or goes while another does, in the shadow of an instruction, or as the last one', (t) => {
  using rig = rigOf(SUBJECT, { cpus: 3, offline: [2] });
  const { machine } = rig;
  const errors: unknown[] = [];
  machine.hotplug.register('online', 'nests', {
    teardown: () => errors.push(t.throws(() => machine.setOnline(2, true), { code: 'CPU_HOTPLUG_BUSY' })?.message),
  });
  const shadow = { ...store(), shadow: true };
  const task = rig.task([shadow, nop()], { affinity: [1] });
  const watch = rig.breakpoints.registerUser(writes(), () => {}, task);
  machine.run(1);
  t.throws(() => machine.setOnline(1, false), { code: 'CPU_SUSPENDED', message: /debug shadow/ });
  t.is(errors.length, 0);
  machine.run();
  t.is(watch.hits, 1);
  machine.setOnline(1, false);
  t.is(errors.length, 1);
  t.throws(() => machine.setOnline(0, false), { code: 'CPU_LAST_ONLINE' });
});

test('what is no state and has no name is refused, and a registration can be taken back', (t) => {
  using rig = rigOf(SUBJECT);
  const { hotplug } = rig.machine;
  t.throws(() => hotplug.register('dying' as HotplugState, 'x', {}), { instanceOf: TypeError, message: /prepare/ });
  t.throws(() => hotplug.register('online', '', {}), { instanceOf: TypeError });
  const before = hotplug.entries;
  const back = hotplug.register('online', 'x', {});
  t.deepEqual(hotplug.entries.at(-1), { state: 'online', name: 'x' });
  back();
  t.deepEqual(hotplug.entries, before);
});

test('kgdb gets its watch on a CPU that comes up, and keeps no claim on one that does not', (t) => {
  using rig = rigOf(SUBJECT, { cpus: 3, offline: [2], plugins: [Kgdb] });
  const { machine, kernel, breakpoints } = rig;
  const gdb = new Client(kernel);
  gdb.ok(`Z2,${DATA.toString(16)},8`);
  const cpus = () => breakpoints.debugger.claims.map(({ breakpoint: { cpu, state } }) => `${cpu} ${state}`);
  t.deepEqual(cpus(), ['0 active', '1 active']);
  const refuse = machine.hotplug.register('online', 'refuses', {
    startup: () => {
      throw new Error('not today');
    },
  });
  t.throws(() => machine.setOnline(2, true));
  t.deepEqual(cpus(), ['0 active', '1 active']);
  machine.setOnline(1, false);
  t.deepEqual(cpus(), ['0 active', '1 off'], 'what is reserved stays so');
  t.throws(() => machine.setOnline(1, true));
  t.deepEqual(cpus(), ['0 active', '1 off']);
  refuse();
  machine.setOnline(1, true);
  machine.setOnline(2, true);
  t.deepEqual(cpus(), ['0 active', '1 active', '2 active']);
});

test('a guest whose latest physical CPU went offline goes on, and executes aside, on one that is there', (t) => {
  using both = pair({ host: { cpus: 2 }, vm: { affinity: [1] } });
  const { host, guest, vm } = both;
  guest.machine.run(1);
  host.machine.setOnline(1, false);
  const watch = guest.breakpoints.registerCpu(writes(), () => {}, 0);
  guest.machine.aside(guest.machine.cpu(0), (cpu) => cpu.execute(store()));
  t.is(watch.hits, 1);
  t.deepEqual(host.machine.cpu(1).unit.filter.ranges, []);
  t.false(vm.ended);
});

test('what is lost with a CPU is said to be: not who is disabled, and not who waits for a register there', (t) => {
  for (const { scheduler } of SUBJECTS.slice(0, 2)) {
    using rig = rigOf(
      { title: '', arch: () => architecture(fakeBackend({ slots: 2 })), scheduler },
      {
        slotPolicy: priorities(),
      },
    );
    const { breakpoints, machine } = rig;
    const [lost, disabled, weak] = [2, 2, 1].map((priority, i) =>
      breakpoints.registerCpu(writes(DATA + BigInt(64 * i)), () => {}, 1, { owner: `${priority}-${i}`, priority }),
    ) as [Breakpoint, Breakpoint, Breakpoint];
    breakpoints.disable(disabled);
    const states = () => [lost, disabled, weak].map(({ state }) => state);
    t.deepEqual(states(), ['active', 'off', 'waiting']);
    machine.setOnline(1, false);
    t.deepEqual(states(), ['off', 'off', 'waiting']);
    t.deepEqual(rig.said('warn'), ["CPU 1 went offline: 2-0's breakpoint at 0x100000 is lost, its slot stays taken"]);
    breakpoints.unregister(lost);
    machine.setOnline(1, true);
    t.is(rig.hitsOf(weak, 1), 1, 'it waited, has a register, and nothing of it was lost');
  }
});

test('who is granted a register of a CPU while that goes waits for its return, and is not said to be lost', (t) => {
  for (const { scheduler } of SUBJECTS.slice(0, 2)) {
    using rig = rigOf(
      { title: '', arch: () => architecture(fakeBackend({ slots: 1 })), scheduler },
      {
        slotPolicy: priorities(),
      },
    );
    const { breakpoints, machine } = rig;
    const wide = breakpoints.registerWide(writes(), () => {}, { priority: 1 });
    const weak = breakpoints.registerCpu(writes(), () => {}, 1);
    t.is(weak.state, 'waiting');
    machine.setOnline(1, false);
    t.deepEqual([weak.state, rig.said('warn')], ['inactive', []]);
    breakpoints.unregisterWide(wide);
    machine.setOnline(1, true);
    t.is(rig.hitsOf(weak, 1), 1);
  }
});

test('events of a CPU that are no breakpoints are said to be lost too', (t) => {
  using rig = rigOf({ title: '', arch: SUBJECT.arch, scheduler: perfEvents });
  const events = rig.kernel.get(EVENTS);
  const [counts, off] = [false, true].map((disabled) =>
    events.open({ type: EVENT_TYPE.SOFTWARE, config: SOFTWARE_EVENT.CONTEXT_SWITCHES, disabled }, { cpu: 1 }),
  );
  rig.machine.setOnline(1, false);
  t.deepEqual([counts?.state, off?.state], [EVENT_STATE.OFF, EVENT_STATE.OFF]);
  t.deepEqual(rig.said('warn'), [`CPU 1 went offline: ${counts} is lost, its slot stays taken`]);
});
