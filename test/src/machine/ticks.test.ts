import { VirtualClock } from '@hwbp/core';
import test from 'ava';
import { Journal, kernelOf } from './support.js';

const SLICES = [Number.POSITIVE_INFINITY, 300, 100, 7, 1];

/** When the ticks of each CPU came, in a run of this many instructions that is cut into slices. */
function ticksOf(options: Parameters<typeof kernelOf>[0], instructions: number, slice: number, tasks = 1) {
  using kernel = kernelOf(options);
  const { machine } = kernel;
  const ticks: (readonly [cpu: number, now: number])[] = [];
  machine.hooks.tick.add(({ index, clock }) => ticks.push([index, clock.now]));
  const journal = new Journal();
  for (let i = 0; i < tasks; i++) machine.spawn(journal.spin(`${i}`));
  for (let left = instructions; left > 0; left -= Math.min(left, slice)) machine.run(Math.min(left, slice));
  return { ticks, journal: journal.take() };
}

for (const slice of SLICES) {
  test(`ticks that are shorter than a turn come at their exact times, 30 of 30 (slices of ${slice})`, (t) => {
    const { ticks } = ticksOf({ tick: 10_000, quantum: 100 }, 300, slice);
    t.deepEqual(
      ticks,
      Array.from({ length: 30 }, (_, i) => [0, 10_000 * (i + 1)]),
    );
  });

  test(`tasks take turns at such ticks (slices of ${slice})`, (t) => {
    const { journal } = ticksOf({ tick: 10_000, quantum: 100 }, 60, slice, 2);
    t.deepEqual(
      journal,
      Array.from({ length: 6 }, (_, i) => `${i % 2}@0 x10`),
    );
  });

  test(`each CPU ticks by its own clock (slices of ${slice})`, (t) => {
    const createClock = (cpu: number): VirtualClock => new VirtualClock(cpu === 0 ? 1000 : 3000);
    const { ticks } = ticksOf({ cpus: 2, tick: 9000, quantum: 20, createClock }, 80, slice, 2);
    const count = (cpu: number): number => ticks.filter(([index]) => index === cpu).length;
    t.deepEqual([count(0), count(1)], [4, 13]);
    t.true(ticks.every(([, now]) => now % 9000 === 0));
  });
}

test('a tick between two instructions comes behind the first one that has reached it', (t) => {
  const { ticks } = ticksOf({ tick: 2500, quantum: 100 }, 10, Number.POSITIVE_INFINITY);
  t.deepEqual(
    ticks.map(([, now]) => now),
    [3000, 5000, 8000, 10_000],
  );
});

test('of ticks that are shorter than an instruction one comes for each instruction', (t) => {
  const { ticks } = ticksOf({ tick: 300, quantum: 100 }, 5, Number.POSITIVE_INFINITY);
  t.deepEqual(
    ticks.map(([, now]) => now),
    [1000, 2000, 3000, 4000, 5000],
  );
});
