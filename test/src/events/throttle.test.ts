import type { EventAttr, PmuEvent } from '@hwbp/core';
import test from 'ava';
import { store } from '../ptrace/support.js';
import { counter, counterRig } from './counter-pmu.js';
import { A, Overflows } from './support.js';

const event1 = (attr: Partial<EventAttr>): EventAttr => counter(1, attr);
/** 100 instructions between ticks; 10 overflows in one tick are allowed. */
const TICKS = { tick: 100_000, quantum: 10, instructionTime: 1000, cpus: 1 };
const RATE = 100_000;

const rigOf = () => counterRig(2, { engine: { sampleRate: RATE }, ...TICKS });

/** Notes when an event is throttled and when it hears again. */
function listen(event: PmuEvent): string[] {
  const seen: string[] = [];
  event.listener = { throttled: (_event, on) => seen.push(on ? 'throttled' : 'hears'), child() {} };
  return seen;
}

test('many overflows of one occurrence throttle the event; until the next tick it does not overflow, and counts', (t) => {
  const { rig, pmu } = rigOf();
  const spinner = rig.worker({ spin: true });
  rig.machine.run(10);
  const overflows = new Overflows();
  const event = rig.open(spinner, event1({ sample_period: 1 }), { handler: overflows.handler });
  const seen = listen(event);
  pmu.occur(50);
  t.deepEqual([event.count, overflows.seen.length, ...seen], [50, 10, 'throttled']);
  pmu.occur(20);
  t.deepEqual([event.count, overflows.seen.length], [70, 10]);
  rig.machine.run(100);
  t.deepEqual(seen, ['throttled', 'hears']);
  pmu.occur(2);
  t.deepEqual([event.count, overflows.seen.length], [72, 12]);
});

test('a task that comes back to a CPU hears again', (t) => {
  const { rig, pmu } = rigOf();
  const worker = rig.worker();
  const overflows = new Overflows();
  const event = rig.open(worker, event1({ sample_period: 1 }), { handler: overflows.handler });
  const seen = listen(event);
  worker.call(() => pmu.occur(50));
  t.deepEqual(seen, ['throttled']);
  worker.call(() => pmu.occur(3));
  t.deepEqual([overflows.seen.length, ...seen], [13, 'throttled', 'hears']);
});

test('breakpoints are exempt: one overflow for each hit is never too much', (t) => {
  const { rig } = rigOf();
  const worker = rig.worker();
  const overflows = new Overflows();
  const event = rig.watch(worker, { sample_period: 1 }, { handler: overflows.handler });
  const seen = listen(event);
  worker.run(...Array.from({ length: 6000 }, () => store(A, 8)));
  t.deepEqual([event.count, overflows.seen.length, ...seen], [6000, 6000]);
});

test('closing a throttled event: nobody hears of it again', (t) => {
  const { rig, pmu } = rigOf();
  const spinner = rig.worker({ spin: true });
  rig.machine.run(10);
  const event = rig.open(spinner, event1({ sample_period: 1 }));
  const seen = listen(event);
  pmu.occur(50);
  rig.events.close(event);
  rig.machine.run(300);
  t.deepEqual(seen, ['throttled']);
});

test('a frequency: the period adapts to what gives that many overflows a second', (t) => {
  const { rig, pmu } = rigOf();
  const spinner = rig.worker({ spin: true });
  rig.machine.run(10);
  const overflows = new Overflows();
  // 1000 a second; 10 occurrences in each microsecond: one overflow in a millisecond, which is 10,000 of them.
  const event = rig.open(spinner, event1({ sample_period: 1000, freq: true }), { handler: overflows.handler });
  for (let i = 0; i < 40_000; i++) {
    rig.machine.run(1);
    pmu.occur(10);
  }
  t.true(Math.abs(event.samplePeriod - 10_000) < 2500, `${event.samplePeriod}`);
  overflows.seen.length = 0;
  for (let i = 0; i < 10_000; i++) {
    rig.machine.run(1);
    pmu.occur(10);
  }
  t.true(overflows.seen.length >= 8 && overflows.seen.length <= 13, `${overflows.seen.length} in 10 milliseconds`);
});

test('a frequency of a breakpoint: it begins with every hit, and adapts', (t) => {
  const { rig } = rigOf();
  const worker = rig.worker();
  const overflows = new Overflows();
  rig.watch(worker, { sample_period: 10_000, freq: true }, { handler: overflows.handler });
  worker.run(...Array.from({ length: 5000 }, () => store(A, 8)));
  t.deepEqual(overflows.counts.slice(0, 1), [1]);
  // A hit each microsecond, 10,000 overflows a second: every 100th hit.
  const late = overflows.counts.filter((count) => count > 4000);
  t.true(late.length >= 8 && late.length <= 13, `${late.length} in the last 1000 hits`);
});
