import test from 'ava';
import { counter, counterPmu, counterRig } from './counter-pmu.js';
import { A, EventsRig, states, variable } from './support.js';

const EXCLUSIVE = { exclusive: true };

test('as in Linux, exclusive keeps no breakpoint off: three events, two exclusive, all count', (t) => {
  const rig = new EventsRig();
  const worker = rig.worker();
  const events = [EXCLUSIVE, {}, EXCLUSIVE].map((attr) => rig.watch(worker, attr));
  worker.store(A, 3);
  t.deepEqual(rig.counts(...events), [3, 3, 3]);
  worker.call(() => t.deepEqual(states(...events), ['ACTIVE', 'ACTIVE', 'ACTIVE']));
});

test('an exclusive group of hardware is alone with its PMU: later groups wait, software goes on', (t) => {
  const { rig, pmu } = counterRig(4);
  const worker = rig.worker();
  const alone = rig.open(worker, counter(1, EXCLUSIVE));
  const member = rig.open(worker, counter(2), { leader: alone });
  const other = rig.open(worker, counter(3));
  const watch = rig.watch(worker);
  worker.call(() => {
    t.deepEqual(states(alone, member, other, watch), ['ACTIVE', 'ACTIVE', 'INACTIVE', 'ACTIVE']);
    t.deepEqual(pmu.configs(), [1, 2]);
    rig.events.disable(alone);
    rig.events.enable(other);
  });
  worker.call(() => t.deepEqual(states(alone, other), ['OFF', 'ACTIVE'], 'the mark is gone with the event'));
});

test('an exclusive group waits where others of its list are on', (t) => {
  const { rig } = counterRig(4);
  const worker = rig.worker();
  const other = rig.open(worker, counter(1));
  const alone = rig.open(worker, counter(2, EXCLUSIVE));
  const third = rig.open(worker, counter(3));
  worker.call(() => {
    t.deepEqual(states(other, alone, third), ['ACTIVE', 'INACTIVE', 'INACTIVE'], 'nor do those behind it try');
    rig.events.close(other);
  });
  worker.call(() => t.deepEqual(states(alone, third), ['ACTIVE', 'INACTIVE']));
});

test('a flexible exclusive group goes on beside pinned ones, which are of another list', (t) => {
  const { rig } = counterRig(4);
  const worker = rig.worker();
  const pinned = rig.open(worker, counter(1, { pinned: true }));
  const alone = rig.open(worker, counter(2, EXCLUSIVE));
  const other = rig.open(worker, counter(3));
  worker.call(() => t.deepEqual(states(pinned, alone, other), ['ACTIVE', 'ACTIVE', 'INACTIVE']));
});

test('a pinned exclusive group lets nothing else on; a pinned one behind it is in error', (t) => {
  const { rig } = counterRig(4);
  const worker = rig.worker();
  const alone = rig.open(worker, counter(1, { pinned: true, exclusive: true }));
  const pinned = rig.open(worker, counter(2, { pinned: true }));
  const flexible = rig.open(worker, counter(3));
  worker.call(() => t.deepEqual(states(alone, pinned, flexible), ['ACTIVE', 'ERROR', 'INACTIVE']));
});

test('exclusive groups of one list take turns with the others', (t) => {
  const made = counterPmu(4);
  const rig = new EventsRig({ engine: { pmus: [made.factory] }, tick: 20_000, quantum: 10 });
  const worker = rig.worker();
  rig.open(worker, counter(1, EXCLUSIVE));
  rig.open(worker, counter(2));
  rig.open(worker, counter(3));
  const seen = new Set<string>();
  for (let i = 0; i < 40; i++) {
    worker.run(...Array.from({ length: 15 }, () => ({})));
    worker.call(() => seen.add(made.pmu.configs().toSorted().join()));
  }
  t.deepEqual([...seen].toSorted(), ['1', '2,3', '3'], 'never 1 with another; 3 alone where 1 comes before 2');
});

test('with exclusiveBreakpoints, an exclusive group of breakpoints keeps others off, and they take turns', (t) => {
  const rig = new EventsRig({ engine: { exclusiveBreakpoints: true }, tick: 20_000, quantum: 10 });
  const worker = rig.worker();
  const alone = rig.watch(worker, EXCLUSIVE);
  const member = rig.watch(worker, { bp_addr: variable(1) }, { leader: alone });
  const other = rig.watch(worker, { bp_addr: variable(2) });
  worker.call(() => {
    t.deepEqual(states(alone, member, other), ['ACTIVE', 'ACTIVE', 'INACTIVE']);
    t.deepEqual(rig.registers(), [A, variable(1), undefined, undefined]);
  });
  const seen = new Set<string>();
  for (let i = 0; i < 40; i++) {
    worker.run(...Array.from({ length: 15 }, () => ({})));
    worker.call(() => seen.add(states(alone, member, other).join()));
  }
  t.deepEqual([...seen].toSorted(), ['ACTIVE,ACTIVE,INACTIVE', 'INACTIVE,INACTIVE,ACTIVE']);
});

test('with exclusiveBreakpoints, a pinned exclusive breakpoint puts a pinned one behind it into error', (t) => {
  const rig = new EventsRig({ engine: { exclusiveBreakpoints: true } });
  const worker = rig.worker();
  const alone = rig.watch(worker, { pinned: true, exclusive: true });
  const other = rig.watch(worker, { pinned: true });
  worker.store(A, 2);
  t.deepEqual(states(alone, other), ['INACTIVE', 'ERROR']);
  t.deepEqual(rig.counts(alone, other), [2, 0]);
  rig.events.close(alone);
  rig.events.enable(other);
  worker.store(A, 2);
  t.is(rig.count(other), 2);
});
