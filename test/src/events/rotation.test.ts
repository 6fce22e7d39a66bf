import { flexible } from '@hwbp/core';
import test from 'ava';
import { type Code, nop, store } from '../ptrace/support.js';
import { counter, counterRig } from './counter-pmu.js';
import { active, EventsRig, states, variable } from './support.js';

/** 20 instructions between ticks. */
const TICKS = { tick: 20_000, quantum: 10, instructionTime: 1000 };

const rigOf = (counters: number) => counterRig(counters, { cpus: 1, ...TICKS });

test('at each tick the first flexible group that is on goes behind the others', (t) => {
  const { rig, pmu } = rigOf(2);
  const spinner = rig.worker({ spin: true });
  for (const config of [1, 2, 3]) rig.open(spinner, counter(config));
  const seen: string[] = [];
  for (let i = 0; i < 6; i++) {
    rig.machine.run(20);
    seen.push(pmu.configs().join());
  }
  // 1 2 (3 waits), then 2 3 (1), then 3 1 (2), ...
  t.deepEqual(seen, ['2,3', '3,1', '1,2', '2,3', '3,1', '1,2']);
});

test('where everything fits nothing moves', (t) => {
  const { rig, pmu } = rigOf(3);
  const spinner = rig.worker({ spin: true });
  for (const config of [1, 2, 3]) rig.open(spinner, counter(config));
  rig.machine.run(10);
  pmu.take();
  rig.machine.run(200);
  t.is(pmu.take(), '');
});

test('pinned groups never move', (t) => {
  const { rig, pmu } = rigOf(2);
  const spinner = rig.worker({ spin: true });
  rig.open(spinner, counter(1, { pinned: true }));
  for (const config of [2, 3]) rig.open(spinner, counter(config));
  rig.machine.run(10);
  pmu.take();
  rig.machine.run(80);
  t.notRegex(pmu.take(), /1/);
  t.true(pmu.configs().includes(1));
});

test('groups move as a whole', (t) => {
  const { rig, pmu } = rigOf(2);
  const spinner = rig.worker({ spin: true });
  for (const config of [1, 3]) {
    const leader = rig.open(spinner, counter(config));
    rig.open(spinner, counter(config + 1), { leader });
  }
  const seen = new Set<string>();
  for (let i = 0; i < 8; i++) {
    rig.machine.run(20);
    seen.add(pmu.configs().join());
  }
  t.deepEqual([...seen].toSorted(), ['1,2', '3,4']);
});

test('flexible groups of the CPU and of the task rotate each among themselves; those of the CPU come first', (t) => {
  const { rig, pmu } = rigOf(2);
  const spinner = rig.worker({ spin: true });
  for (const config of [1, 2]) rig.open(spinner, counter(config));
  rig.open(0, counter(3));
  const seen = new Set<string>();
  for (let i = 0; i < 8; i++) {
    rig.machine.run(20);
    seen.add(pmu.configs().join());
  }
  t.deepEqual([...seen].toSorted(), ['3,1', '3,2']);
});

test('over many ticks equal groups run for equal times, which add up to what there are counters', (t) => {
  const { rig } = rigOf(2);
  const spinner = rig.worker({ spin: true });
  rig.machine.run(10);
  const events = [1, 2, 3, 4, 5].map((config) => rig.open(spinner, counter(config)));
  rig.machine.run(20 * 5 * 20);
  const readings = events.map((event) => rig.read(event));
  const enabled = 2_000_000;
  t.deepEqual(new Set(readings.map((reading) => reading.enabled)), new Set([enabled]));
  const running = readings.map((reading) => reading.running);
  t.is(
    running.reduce((a, b) => a + b),
    2 * enabled,
  );
  for (const time of running) t.true(Math.abs(time - (2 * enabled) / 5) <= 20_000, `${time}`);
});

// --- breakpoints that share registers ---

/**
 * Stores to 40 variables, the n-th n + 1 times in each round; rounds are shuffled so that no tick falls on the same
 * one.
 */
function rounds(count: number): Code[] {
  let seed = 7;
  const random = (below: number): number => {
    seed = (seed * 1103515245 + 12345) % 2 ** 31;
    return Math.floor((seed / 2 ** 31) * below);
  };
  const codes: Code[] = [];
  for (let round = 0; round < count; round++) {
    const these = Array.from({ length: 40 }, (_, n) => new Array<Code>(1 + (n % 8)).fill(store(variable(n), 8))).flat();
    for (let i = these.length - 1; i > 0; i--) {
      const j = random(i + 1);
      [these[i], these[j]] = [these[j] ?? nop, these[i] ?? nop];
    }
    codes.push(...these);
  }
  return codes;
}

test('40 flexible watches share 4 registers: 4 are on at any time, each a tenth of it, and scaled counts are near the exact ones', (t) => {
  const rig = new EventsRig({ slotPolicy: flexible(), cpus: 1, ...TICKS });
  const worker = rig.worker();
  const watches = Array.from({ length: 40 }, (_, n) => rig.watch(worker, { bp_addr: variable(n) }));
  const codes = rounds(100);
  for (let at = 0; at < codes.length; at += 3000) {
    worker.run(...codes.slice(at, at + 3000));
    worker.call(() => t.is(active(watches), 4));
  }
  let total = 0;
  for (const [n, watch] of watches.entries()) {
    const { count, enabled, running } = rig.read(watch);
    const share = running / enabled;
    t.true(share > 0.095 && share < 0.105, `variable ${n} was watched ${share} of the time`);
    const exact = 100 * (1 + (n % 8));
    const estimate = (count * enabled) / running;
    // A tenth of the stores is seen: the standard deviation of the estimate is 3 times the root of the exact count.
    t.true(
      Math.abs(estimate - exact) < 4 * 3 * Math.sqrt(exact),
      `variable ${n}: estimated ${estimate}, exactly ${exact}`,
    );
    total += estimate;
  }
  t.true(Math.abs(total - codes.length) < 0.03 * codes.length, `in all: estimated ${total}, exactly ${codes.length}`);
});

test('without that policy every breakpoint counts as pinned: the fifth is refused', (t) => {
  const rig = new EventsRig();
  const worker = rig.worker();
  for (let n = 0; n < 4; n++) rig.watch(worker, { bp_addr: variable(n) });
  t.throws(() => rig.watch(worker), { code: 'HWBP_NO_SLOT' });
});

test('flexible watches that all fit are exact: running is enabled', (t) => {
  const rig = new EventsRig({ slotPolicy: flexible(), cpus: 1, ...TICKS });
  const worker = rig.worker();
  const watches = [0, 1, 2, 3].map((n) => rig.watch(worker, { bp_addr: variable(n) }));
  worker.run(...rounds(3));
  for (const [n, watch] of watches.entries()) {
    const { count, enabled, running } = rig.read(watch);
    t.is(count, 3 * (1 + n));
    t.is(running, enabled);
    t.true(enabled > 0);
  }
});

test('pinned watches keep their registers and count exactly while flexible ones take turns on what is left', (t) => {
  const rig = new EventsRig({ slotPolicy: flexible(), cpus: 1, ...TICKS });
  const worker = rig.worker();
  const pinned = [7, 15, 23].map((n) => rig.watch(worker, { bp_addr: variable(n), pinned: true }));
  const others = [0, 1, 2].map((n) => rig.watch(worker, { bp_addr: variable(n) }));
  t.throws(() => rig.watch(worker, { pinned: true }), { code: 'HWBP_NO_SLOT' }, 'one register is the flexible ones’');
  t.notThrows(() => rig.events.close(rig.watch(worker, {})));
  worker.run(...rounds(10));
  t.deepEqual(rig.counts(...pinned), [80, 80, 80]);
  worker.call(() => {
    t.deepEqual(states(...pinned), ['ACTIVE', 'ACTIVE', 'ACTIVE']);
    t.is(active(others), 1);
  });
  for (const watch of others) {
    const { enabled, running } = rig.read(watch);
    t.true(Math.abs(running / enabled - 1 / 3) < 0.02);
  }
});

test('the accounting of the 2009 text, case by case', (t) => {
  const rig = new EventsRig({ slotPolicy: flexible() });
  const [one, two] = [rig.worker(), rig.worker()];
  const fill = (to: typeof one | number, count: number, pinned: boolean) =>
    Array.from({ length: count }, () => rig.watch(to, { pinned }));
  const full = (to: typeof one | number, pinned: boolean): void => {
    t.throws(() => rig.watch(to, { pinned }), { code: 'HWBP_NO_SLOT' });
  };
  // Pinned only: as Linux accounts.
  const pinned = fill(one, 4, true);
  full(one, true);
  full(0, true);
  // A flexible one finds no register that is not spoken for where that task may run.
  full(two, false);
  full(0, false);
  rig.events.close(pinned[0] ?? rig.watch(one));
  // The first flexible one takes the register that is left, for all that come.
  const sharing = [...fill(two, 10, false), ...fill(0, 10, false), ...fill(one, 10, false)];
  full(one, true);
  full(1, true);
  full(0, true);
  for (const watch of sharing.slice(0, 29)) rig.events.close(watch);
  full(one, true);
  rig.events.close(sharing[29] ?? rig.watch(one));
  t.notThrows(() => fill(one, 1, true), 'with the last flexible one the register is free again');
});

test('the refusal of a flexible event names those who hold the registers', (t) => {
  const rig = new EventsRig({ slotPolicy: flexible() });
  const [one, two] = [rig.worker(), rig.worker()];
  for (let i = 0; i < 4; i++) rig.watch(one, { pinned: true });
  t.throws(() => rig.watch(two, { pinned: false }), {
    code: 'HWBP_NO_SLOT',
    message: /4 of 4 are taken by (events for task worker-1 at 0x100000\/8; ){4}unregister/,
  });
});
