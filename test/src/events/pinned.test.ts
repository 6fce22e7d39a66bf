import type { EventAttr } from '@hwbp/core';
import test from 'ava';
import { counter, counterRig } from './counter-pmu.js';
import { A, EventsRig, states } from './support.js';

const pinned = (config: number): EventAttr => counter(config, { pinned: true });

test('a pinned event that finds no room is in error, and is not tried again by itself', (t) => {
  const { rig, pmu } = counterRig(1);
  const worker = rig.worker();
  const first = rig.open(worker, pinned(1));
  const second = rig.open(worker, pinned(2));
  worker.run({});
  t.deepEqual(states(first, second), ['INACTIVE', 'ERROR']);
  pmu.counters = 2;
  pmu.take();
  worker.run({});
  t.is(pmu.take(), '+1 -1');
});

test('an event in error is tried again when it is enabled: it counts, or is in error again', (t) => {
  const { rig, pmu } = counterRig(1);
  const worker = rig.worker();
  rig.open(worker, pinned(1));
  const event = rig.open(worker, pinned(2));
  worker.call(() => {
    t.deepEqual(states(event), ['ERROR']);
    rig.events.enable(event);
    t.deepEqual(states(event), ['ERROR'], 'still no room');
    pmu.counters = 2;
    rig.events.enable(event);
    t.deepEqual(states(event), ['ACTIVE']);
  });
});

test('disabling one in error leaves it there; enabled while its task is away it waits for its turn', (t) => {
  const { rig, pmu } = counterRig(0);
  const worker = rig.worker();
  const event = rig.open(worker, pinned(1));
  worker.run({});
  rig.events.disable(event);
  t.deepEqual(states(event), ['ERROR']);
  rig.events.enable(event);
  t.deepEqual(states(event), ['INACTIVE']);
  pmu.counters = 1;
  worker.call(() => t.deepEqual(states(event), ['ACTIVE']));
});

test('a pinned group goes into error with its leader; its members keep their own state', (t) => {
  const { rig } = counterRig(1);
  const worker = rig.worker();
  const leader = rig.open(worker, pinned(1));
  const member = rig.open(worker, counter(2), { leader });
  worker.run({});
  t.deepEqual(states(leader, member), ['ERROR', 'INACTIVE']);
});

test('a broken PMU: a pinned event that it throws at is in error, and the log says why', (t) => {
  const { rig, pmu } = counterRig(0);
  pmu.throws = true;
  const worker = rig.worker();
  const event = rig.open(worker, pinned(1));
  const watch = rig.watch(worker, { pinned: true });
  worker.store(A, 2);
  t.deepEqual(states(event, watch), ['ERROR', 'INACTIVE']);
  t.is(rig.count(watch), 2, 'others are none the worse for it');
});

test('the times of an event in error stand still; of one that waits for room, enabled time passes', (t) => {
  const { rig, pmu } = counterRig(1);
  const worker = rig.worker();
  const on = rig.open(worker, pinned(1));
  const failed = rig.open(worker, pinned(2));
  const waiting = rig.open(worker, counter(3));
  worker.call(() => {});
  const before = [on, failed, waiting].map((event) => rig.read(event));
  worker.run(...Array.from({ length: 10 }, () => ({})));
  const after = [on, failed, waiting].map((event) => rig.read(event));
  t.deepEqual(
    after.map(({ enabled, running }, i) => [enabled - (before[i]?.enabled ?? 0), running - (before[i]?.running ?? 0)]),
    [
      [10_000, 10_000],
      [0, 0],
      [10_000, 0],
    ],
  );
  t.is(pmu.alive, 3);
});

test('pinned breakpoints never fail: the accounting has refused what could', (t) => {
  const rig = new EventsRig();
  const worker = rig.worker();
  const wide = [0, 1].map(() => rig.watch(0, { pinned: true }));
  const own = [0, 1].map(() => rig.watch(worker, { pinned: true }));
  t.throws(() => rig.watch(worker, { pinned: true }), { code: 'HWBP_NO_SLOT' });
  worker.call(() => t.deepEqual(states(...wide, ...own), ['ACTIVE', 'ACTIVE', 'ACTIVE', 'ACTIVE']));
});
