import test from 'ava';
import { DATA, nop, rigOf, SUBJECTS, type Subject, stateOf, store, writes } from './support.js';

const [first] = SUBJECTS;
const SUBJECT = first as Subject;
const CPUS = { cpus: 3 };

test('an interrupt that wakes resumes at the next run, and is handled on its CPU; all others stay pending', (t) => {
  using rig = rigOf(SUBJECT, CPUS);
  const { machine, kernel, breakpoints } = rig;
  const watches = [0, 1, 2].map((cpu) => breakpoints.registerCpu(writes(), () => {}, cpu));
  const seen: unknown[] = [];
  machine.hooks.interrupt.add((cpu, line) => seen.push([cpu.index, line, cpu.unit.filter.ranges.length]));
  const ends = [machine.power.wakesAt(9), machine.power.wakesAt(9)];
  kernel.suspend();
  machine.cpu(1).interrupts.raise(8);
  machine.run();
  t.true(machine.power.suspended);
  machine.cpu(2).interrupts.raise(9);
  t.true(machine.power.suspended);
  t.is(machine.run().reason, 'idle');
  t.false(machine.power.suspended);
  t.deepEqual(seen.splice(0).sort(), [
    [1, 8, 1],
    [2, 9, 1],
  ]);
  for (const [cpu, watch] of watches.entries()) t.is(rig.hitsOf(watch, cpu), 1);
  // Each of those who wanted it has to take that back, once.
  for (const [i, end] of ends.entries()) {
    end();
    end();
    kernel.suspend();
    machine.cpu(0).interrupts.raise(9);
    machine.run();
    t.is(machine.power.suspended, i === 1);
  }
  kernel.resume();
  t.throws(() => machine.power.wakesAt(64), { instanceOf: TypeError, message: /0 to 63/ });
});

for (const subject of SUBJECTS) {
  test(`an interrupt that wakes calls a suspend off wherever it comes, and all is as before (${subject.title})`, (t) => {
    using rig = rigOf(subject, CPUS);
    const { machine, kernel, breakpoints } = rig;
    breakpoints.registerWide(writes(), () => {});
    const task = rig.task([nop(), store(DATA + 64n)], { affinity: [1] });
    // POWER7 has one register.
    const room = breakpoints.manifest.slots.data > 1;
    const watch = room ? breakpoints.registerUser(writes(DATA + 64n), () => {}, task) : undefined;
    const before = stateOf(rig);
    machine.power.wakesAt(5);
    const called: string[] = [];
    const raise = (): void => machine.cpu(2).interrupts.raise(5);
    const follow = (name: string) => ({
      suspend: () => void called.push(`-${name}`),
      resume: () => void called.push(`+${name}`),
    });
    /** Where it comes, and what was suspended by then. */
    const moments: readonly (readonly [string, readonly string[], () => () => void])[] = [
      [
        'before',
        [],
        () => {
          raise();
          return () => {};
        },
      ],
      ['devices', ['-later', '+later'], () => machine.power.register('devices', 'raises', { suspend: raise })],
      [
        'secondary CPUs',
        ['-later', '-devices', '+devices', '+later'],
        () => machine.hotplug.register('online', 'raises', { teardown: ({ index }) => void (index === 1 && raise()) }),
      ],
      [
        'the last CPU',
        ['-later', '-devices', '-later core', '+later core', '+devices', '+later'],
        () => machine.power.register('core', 'raises', { suspend: raise }),
      ],
    ];
    machine.power.register('devices', 'devices', follow('devices'));
    for (const [moment, expected, prepare] of moments) {
      const end = prepare();
      const later = [
        machine.power.register('devices', 'later', follow('later')),
        machine.power.register('core', 'later', follow('later core')),
      ];
      const error = t.throws(
        () => kernel.suspend(),
        { code: 'POWER_WAKEUP', message: /^EBUSY: line 5 of CPU 2/ },
        moment,
      );
      t.like(error, { details: { cpu: 2, line: 5 } });
      t.deepEqual(stateOf(rig), before, moment);
      t.deepEqual(called.splice(0), expected, moment);
      machine.cpu(2).interrupts.lower(5);
      end();
      for (const forget of later) forget();
    }
    kernel.suspend();
    kernel.resume();
    t.deepEqual(stateOf(rig), before);
    machine.run();
    t.is(watch?.hits, room ? 1 : undefined);
  });
}

test('a kernel that has ended while it was suspended wakes nobody', (t) => {
  const rig = rigOf(SUBJECT);
  const { machine, kernel } = rig;
  machine.power.wakesAt(1);
  kernel.suspend();
  kernel.dispose();
  machine.cpu(0).interrupts.raise(1);
  t.is(machine.run(10).instructions, 0);
  t.throws(() => machine.power.resume(), { code: 'HWBP_DISPOSED' });
  t.false(machine.cpu(0).online);
});
