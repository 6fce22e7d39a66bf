import { EVENT_TYPE, KernelError, SOFTWARE_EVENT } from '@hwbp/core';
import test from 'ava';
import { nop } from '../ptrace/support.js';
import { CounterPmu, counterPmu } from './counter-pmu.js';
import { A, EventsRig, states, variable } from './support.js';

test('a CPU goes offline: its events are off, can be read, hold their slots, and do not come back with it', (t) => {
  const rig = new EventsRig();
  const worker = rig.worker({ affinity: [1] });
  const watches = [0, 1, 2, 3].map((n) => rig.watch(1, { bp_addr: variable(n) }));
  const [first = rig.watch(0)] = watches;
  worker.store(A, 2);
  rig.machine.setOnline(1, false);
  t.deepEqual(states(...watches), ['OFF', 'OFF', 'OFF', 'OFF']);
  t.is(rig.count(first), 2);
  rig.machine.setOnline(1, true);
  t.throws(() => rig.watch(1), { code: 'HWBP_NO_SLOT' });
  rig.machine.setAffinity(worker.task, [1]);
  worker.store(A, 2);
  t.is(rig.count(first), 2);
  rig.events.enable(first);
  worker.store(A, 3);
  t.is(rig.count(first), 5, 'enabled, it counts again');
});

test('an event that is enabled while its CPU is away counts when that comes back', (t) => {
  const rig = new EventsRig();
  const event = rig.watch(1);
  rig.machine.setOnline(1, false);
  rig.events.enable(event);
  t.deepEqual(states(event), ['INACTIVE']);
  rig.machine.setOnline(1, true);
  t.deepEqual(states(event), ['ACTIVE']);
  const worker = rig.worker({ affinity: [1] });
  worker.store(A, 2);
  t.is(rig.count(event), 2);
});

test('its times stand still while its CPU is away', (t) => {
  const rig = new EventsRig();
  const worker = rig.worker({ affinity: [1] });
  const event = rig.watch(1);
  worker.run(...new Array(10).fill(nop));
  rig.machine.setOnline(1, false);
  const { enabled, running } = rig.read(event);
  worker.run(...new Array(10).fill(nop));
  t.deepEqual([rig.read(event).enabled, rig.read(event).running], [enabled, running]);
  t.is(enabled, 10_000);
});

test('an event for a CPU that is offline is refused with ENODEV, and nothing of it is left', (t) => {
  const rig = new EventsRig({ offline: [1] });
  for (const open of [
    () => rig.watch(1),
    () => rig.open(1, { type: EVENT_TYPE.SOFTWARE, config: SOFTWARE_EVENT.DUMMY }),
  ]) {
    const error = t.throws(open, { instanceOf: KernelError, code: 'HWBP_CPU_OFFLINE' });
    t.is(error.errno, 'ENODEV');
  }
  t.is(rig.events.all.size, 0);
  t.false(rig.kernel.breakpoints.isUsed);
});

test('a task’s events go with the task to another CPU; one that is bound to the CPU that went waits for it', (t) => {
  const rig = new EventsRig();
  const worker = rig.worker({ affinity: [0, 1] });
  rig.machine.setAffinity(worker.task, [1]);
  worker.run(nop);
  const anywhere = rig.watch(worker);
  const bound = rig.watch({ task: worker.task, cpu: 1 });
  worker.store(A, 1);
  rig.machine.setOnline(1, false);
  worker.store(A, 2);
  t.deepEqual(rig.counts(anywhere, bound), [3, 1]);
  t.deepEqual(states(bound), ['INACTIVE']);
  rig.machine.setOnline(1, true);
  rig.machine.setAffinity(worker.task, [1]);
  worker.store(A, 4);
  t.deepEqual(rig.counts(anywhere, bound), [7, 5]);
});

test('a task that is running on the CPU that goes: its events are out of that CPU’s registers', (t) => {
  const rig = new EventsRig();
  const spinner = rig.worker({ affinity: [1], spin: true });
  const event = rig.watch(spinner);
  rig.machine.run(100);
  t.is(rig.registers(1)[0], A);
  rig.machine.setOnline(1, false);
  t.deepEqual(rig.registers(1), [undefined, undefined, undefined, undefined]);
  spinner.store(A, 3);
  t.is(rig.count(event), 3);
});

test('groups and other PMUs: what was on the CPU is taken off it', (t) => {
  const made = counterPmu(2);
  const rig = new EventsRig({ engine: { pmus: [made.factory] } });
  const leader = rig.open(1, { type: CounterPmu.TYPE, config: 1 });
  rig.open(1, { type: CounterPmu.TYPE, config: 2 }, { leader });
  t.is(made.pmu.take(), '+1 -1 +1 +2', 'a member that joins schedules its group anew');
  rig.machine.setOnline(1, false);
  t.is(made.pmu.take(), '-1 -2');
  rig.machine.setOnline(1, true);
  t.is(made.pmu.take(), '');
  rig.events.enable(leader, true);
  t.is(made.pmu.take(), '+1 -1 +1 +2', 'a member that joins schedules its group anew');
});

test('a wide breakpoint of the core API follows CPUs as they come and go, on the events engine too', (t) => {
  const rig = new EventsRig({ cpus: 3, offline: [2] });
  let hits = 0;
  rig.kernel.breakpoints.registerWide({ bp_type: 2, bp_addr: A, bp_len: 8 }, () => {
    hits++;
  });
  const worker = rig.worker({ affinity: [0, 1, 2] });
  for (const cpu of [0, 1]) {
    rig.machine.setAffinity(worker.task, [cpu]);
    worker.store(A);
  }
  t.is(hits, 2);
  rig.machine.setOnline(2, true);
  rig.machine.setOnline(1, false);
  rig.machine.setAffinity(worker.task, [2]);
  worker.store(A);
  t.is(hits, 3);
  rig.machine.setOnline(1, true);
  rig.machine.setAffinity(worker.task, [1]);
  worker.store(A);
  t.is(hits, 4);
});
