import { EVENT_TYPE, SOFTWARE_EVENT } from '@hwbp/core';
import test from 'ava';
import { counter, counterRig } from './counter-pmu.js';
import { EventsRig, states } from './support.js';

const PINNED = { pinned: true };
const CPU = 0;

test('a task with pinned groups comes: the flexible ones of the CPU go, then task pinned, CPU flexible, task flexible', (t) => {
  const { rig, pmu } = counterRig(8);
  const worker = rig.worker();
  rig.open(worker, counter(1, PINNED));
  rig.open(worker, counter(2));
  rig.open(CPU, counter(3, PINNED));
  rig.open(CPU, counter(4));
  t.is(pmu.take(), '+3 +4', 'the task is on no CPU');
  worker.run({});
  t.is(pmu.take(), '-4 +1 +4 +2 -2 -1', 'it comes and goes; what is the CPU’s stays when it goes');
});

test('a task without pinned groups comes: nothing of the CPU moves', (t) => {
  const { rig, pmu } = counterRig(8);
  const worker = rig.worker();
  rig.open(worker, counter(2));
  rig.open(CPU, counter(3, PINNED));
  rig.open(CPU, counter(4));
  pmu.take();
  worker.run({});
  t.is(pmu.take(), '+2 -2');
});

test('all four classes are tried in the order CPU pinned, task pinned, CPU flexible, task flexible, each in the order of opening', (t) => {
  const { rig, pmu } = counterRig(16);
  const worker = rig.worker();
  worker.call(() => {
    for (const config of [1, 2]) rig.open(worker, counter(config));
    for (const config of [3, 4]) rig.open(CPU, counter(config));
    for (const config of [5, 6]) rig.open(worker, counter(config, PINNED));
    pmu.take();
    rig.open(CPU, counter(7, PINNED));
    t.is(pmu.take(), '-1 -2 -5 -6 -3 -4 +7 +5 +6 +3 +4 +1 +2');
  });
});

test('a flexible event of a task is added: only flexible ones of the task move; one of the CPU: those of both', (t) => {
  const { rig, pmu } = counterRig(16);
  const worker = rig.worker();
  worker.call(() => {
    rig.open(worker, counter(1));
    rig.open(worker, counter(2, PINNED));
    rig.open(CPU, counter(3));
    rig.open(CPU, counter(4, PINNED));
    pmu.take();
    rig.open(worker, counter(5));
    t.is(pmu.take(), '-1 +1 +5');
    rig.open(CPU, counter(6));
    t.is(pmu.take(), '-1 -5 -3 +3 +6 +1 +5');
    rig.open(worker, counter(7, PINNED));
    t.is(pmu.take(), '-1 -5 -2 -3 -6 +2 +7 +3 +6 +1 +5', 'a pinned one of the task drops the flexible ones of the CPU');
  });
});

test('where counters are scarce the order decides: a CPU’s flexible event takes the place of a task’s', (t) => {
  const { rig, pmu } = counterRig(2);
  const worker = rig.worker();
  worker.call(() => {
    const [one, two] = [1, 2].map((config) => rig.open(worker, counter(config)));
    t.deepEqual(pmu.configs(), [1, 2]);
    const cpu = rig.open(CPU, counter(3));
    t.deepEqual(pmu.configs(), [3, 1]);
    const pinned = rig.open(worker, counter(4, PINNED));
    t.deepEqual(pmu.configs(), [4, 3]);
    const all = [one, two, cpu, pinned].flatMap((event) => (event === undefined ? [] : [event]));
    t.deepEqual(states(...all), ['INACTIVE', 'INACTIVE', 'ACTIVE', 'ACTIVE']);
    rig.events.close(pinned);
    rig.events.close(cpu);
    rig.open(worker, counter(5));
    t.deepEqual(pmu.configs(), [1, 2], 'what is released is given out when the next change schedules anew');
  });
});

test('a hardware group that finds no room keeps later ones of that pass from trying; software groups try all the same', (t) => {
  const { rig, pmu } = counterRig(1);
  const worker = rig.worker();
  const [one, two, three] = [1, 2, 3].map((config) => rig.open(worker, counter(config)));
  const software = rig.open(worker, { type: EVENT_TYPE.SOFTWARE, config: SOFTWARE_EVENT.DUMMY });
  const watch = rig.watch(worker);
  pmu.take();
  worker.call(() => {
    t.is(pmu.take(), '+1 !2', '3 is not tried');
    if (one === undefined || two === undefined || three === undefined) throw new Error('not opened');
    t.deepEqual(states(one, two, three, software, watch), ['ACTIVE', 'INACTIVE', 'INACTIVE', 'ACTIVE', 'ACTIVE']);
  });
});

test('events for other CPUs are skipped, and take nobody’s place', (t) => {
  const { rig, pmu } = counterRig(1);
  const worker = rig.worker();
  const elsewhere = rig.open({ task: worker.task, cpu: 1 }, counter(1));
  const here = rig.open({ task: worker.task, cpu: 0 }, counter(2));
  worker.call(() => t.deepEqual(pmu.configs(0), [2]));
  t.deepEqual(states(elsewhere, here), ['INACTIVE', 'INACTIVE']);
  rig.machine.setAffinity(worker.task, [1]);
  worker.call(() => {
    t.deepEqual(pmu.configs(0), []);
    t.deepEqual(pmu.configs(1), [1]);
  });
});

test('enabling schedules as opening does, by the same order; disabling only takes off', (t) => {
  const { rig, pmu } = counterRig(2);
  const worker = rig.worker();
  worker.call(() => {
    const late = rig.open(CPU, counter(1, { disabled: true }));
    rig.open(worker, counter(2));
    rig.open(worker, counter(3));
    pmu.take();
    rig.events.enable(late);
    t.is(pmu.take(), '-2 -3 +1 +2 !3');
    rig.events.disable(late);
    t.is(pmu.take(), '-1');
    t.deepEqual(states(late), ['OFF']);
  });
});

test('a breakpoint of a task is in a register exactly while the task is on a CPU that it allows', (t) => {
  const rig = new EventsRig();
  const worker = rig.worker();
  const anywhere = rig.watch(worker);
  const bound = rig.watch({ task: worker.task, cpu: 1 }, { bp_addr: 0x2000n });
  const wide = rig.watch(1, { bp_addr: 0x3000n });
  t.deepEqual(states(anywhere, bound, wide), ['INACTIVE', 'INACTIVE', 'ACTIVE']);
  worker.call(() => {
    t.deepEqual(rig.registers(0), [0x10_0000n, undefined, undefined, undefined]);
    t.deepEqual(rig.registers(1), [0x3000n, undefined, undefined, undefined]);
  });
  rig.machine.setAffinity(worker.task, [1]);
  worker.call(() => {
    t.deepEqual(rig.registers(0), [undefined, undefined, undefined, undefined]);
    t.deepEqual(rig.registers(1), [0x3000n, 0x10_0000n, 0x2000n, undefined]);
  });
  t.deepEqual(rig.registers(1), [0x3000n, undefined, undefined, undefined]);
});
