import { type Kernel, type KernelOptions, type Plugin, program, RANDOM, Random } from '@hwbp/core';
import {
  type RandomScheduleOptions,
  type RecordedSchedule,
  randomSchedule,
  replaySchedule,
  SCHEDULE,
  SCHEDULER_ERRORS,
} from '@hwbp/schedulers';
import test from 'ava';
import fc from 'fast-check';
import { composed, counterOf, spawnRace } from './support.js';

interface Ran {
  readonly log: readonly string[];
  readonly counter: bigint;
  readonly recorded: RecordedSchedule;
  readonly kernel: Kernel;
}

/** A race to its end. `step`: instructions of each call of `run`. */
function race(
  taskScheduler: Plugin,
  options: Partial<KernelOptions> & { readonly threads?: number } = {},
  step = 1e9,
): Ran {
  const { threads = 2, ...rest } = options;
  const kernel = composed(taskScheduler, rest);
  const log: string[] = [];
  const [task] = spawnRace(kernel, 20, { threads, log });
  let counter = 0n;
  kernel.machine.hooks.exit.add((one) => {
    counter = counterOf(one);
  });
  let result = kernel.machine.run(step);
  while (result.reason === 'budget') result = kernel.machine.run(step);
  if (result.reason !== 'idle') throw new Error(result.message ?? result.reason, { cause: result.detail });
  if (task?.alive === true) throw new Error('it does not come to its end');
  return { log, counter, recorded: kernel.get(SCHEDULE).recorded, kernel };
}

const shape = fc.record({
  seed: fc.integer({ min: 0, max: 0xffff_ffff }),
  cpus: fc.integer({ min: 1, max: 3 }),
  threads: fc.integer({ min: 1, max: 5 }),
  preemptions: fc.option(fc.integer({ min: 0, max: 6 }), { nil: Number.POSITIVE_INFINITY }),
  longest: fc.integer({ min: 1, max: 50 }),
});

test('a run by chance is replayed instruction by instruction from what was recorded, however either is cut', (t) => {
  fc.assert(
    fc.property(shape, fc.integer({ min: 1, max: 40 }), ({ seed, cpus, threads, preemptions, longest }, step) => {
      const chance = randomSchedule({ preemptions, longest });
      const first = race(chance, { seed, cpus, threads });
      const again = race(chance, { seed, cpus, threads }, step);
      const json = JSON.stringify(first.recorded);
      const replayed = race(replaySchedule(json), { cpus, threads }, step);
      const whole = race(replaySchedule(first.recorded), { cpus, threads, seed: 7 });
      for (const other of [again, replayed, whole]) {
        t.deepEqual(other.log, first.log);
        t.is(other.counter, first.counter);
        t.deepEqual(other.recorded, first.recorded, 'a replay records the same');
        t.is(other.kernel.machine.departure, undefined);
        t.is(other.kernel.get(SCHEDULE).left, 0);
      }
    }),
    { numRuns: 60 },
  );
});

test('one seed finds the race that the next one does not, on one CPU and on two', (t) => {
  for (const cpus of [1, 2]) {
    const counters = Array.from({ length: 12 }, (_, seed) => {
      return race(randomSchedule({ preemptions: 2, longest: 60 }), { seed, cpus }).counter;
    });
    t.true(counters.includes(40n), `a run in which nothing is lost: ${counters}`);
    t.true(
      counters.some((counter) => counter < 40n),
      `a run in which something is: ${counters}`,
    );
  }
});

test('no more preemptions than the bound: without any, tasks run one behind the other', (t) => {
  const switches = (log: readonly string[]): number => log.filter((name, i) => i > 0 && name !== log[i - 1]).length;
  for (let seed = 0; seed < 20; seed++) {
    for (const preemptions of [0, 1, 3]) {
      const { log } = race(randomSchedule({ preemptions, longest: 10 }), { seed, threads: 3 });
      t.true(switches(log) <= preemptions + 2, `${preemptions} and two that come to their end: ${log}`);
    }
  }
});

test('behind the last preemption somebody who waits in a loop for another CPU gets what he waits for', (t) => {
  const kernel = composed(randomSchedule({ preemptions: 0, patience: 50 }), { cpus: 2 });
  let come = false;
  const waits = program(function* () {
    while (!come) yield { pc: 0x1000n, length: 4 };
  });
  kernel.machine.spawn(waits);
  t.is(kernel.machine.run(10_000).reason, 'budget', 'he waits');
  const comes = program(function* () {
    yield { pc: 0x2000n, length: 4 };
    come = true;
  });
  kernel.machine.spawn(comes);
  t.is(kernel.machine.run(10_000).reason, 'idle');
});

test('what is recorded is small: two numbers for each turn, and equal ones together', (t) => {
  const { recorded, kernel } = race(randomSchedule({ preemptions: 3 }), { threads: 4 });
  t.true(JSON.stringify(recorded).length < 250, JSON.stringify(recorded));
  t.is(kernel.get(SCHEDULE).choices > 3, true);
  const long = race(randomSchedule({ longest: 1 }), { threads: 1 }).recorded;
  t.is(long.turns, '0.1*1p', 'sixty turns, and one to find that it has come to its end of one instruction');
});

const good = race(randomSchedule({ longest: 10 }), { seed: 3, cpus: 2, threads: 4 }).recorded;

test('a recording of other CPUs is refused where the kernel is composed', (t) => {
  t.throws(() => race(replaySchedule(good), { cpus: 3 }), {
    code: 'SCHEDULE_DOES_NOT_FIT',
    message: /is of a machine of 2 CPU\(s\), this one has 3/,
  });
});

test('one that ends early, or is of other tasks, ends the run with that; what comes then has left the schedule', (t) => {
  for (const [threads, message] of [
    [5, /does not fit: (it ends with turn|choice \d+ was one of|it has \d+ choices)/],
    [3, /does not fit: (choice \d+ was one of \d+ tasks, here \d+ wait|turn \d+ was that of CPU|it has \d+ choices)/],
  ] as const) {
    const kernel = composed(replaySchedule(good), { cpus: 2 });
    spawnRace(kernel, 20, { threads });
    const result = kernel.machine.run();
    t.is(result.reason, 'stopped');
    t.regex(result.message ?? '', message);
    t.like(result.detail, { code: 'SCHEDULE_DOES_NOT_FIT', errno: 'EINVAL' });
    t.regex(kernel.machine.departure?.cause ?? '', message);
    t.is(kernel.machine.run().reason, 'idle', 'everybody comes to his end all the same');
    t.is(kernel.machine.tasks.size, 0);
  }
});

test('a run that needs fewer choices says how many have not come', (t) => {
  const kernel = composed(replaySchedule(race(randomSchedule(), { seed: 3, cpus: 2, threads: 4 }).recorded), {
    cpus: 2,
  });
  spawnRace(kernel, 20, { threads: 2 });
  t.is(kernel.machine.run().reason, 'idle');
  t.true(kernel.get(SCHEDULE).left > 0);
});

test('garbage is refused at once, whatever it is', (t) => {
  for (const [garbage, message] of [
    ['{', /is JSON, which this is not/],
    [5, /is an object, or its JSON, got number/],
    [null, /is an object/],
    [{ ...good, format: 'x' }, /the format of a recorded schedule is 'hwbp schedule'/],
    [{ ...good, version: 2 }, /is of version 2, this is version 1/],
    [{ ...good, cpus: 0 }, /cpus of a recorded schedule/],
    [{ ...good, turns: 5 }, /turns and tasks of a recorded schedule are text/],
    [{ ...good, turns: `${good.turns} 0.1` }, /damaged/],
  ] as const) {
    t.throws(() => replaySchedule(garbage as never), { code: 'SCHEDULE_INVALID', message });
  }
  t.deepEqual(SCHEDULER_ERRORS, {
    DEADLINE_NO_BANDWIDTH: 'EBUSY',
    SCHEDULE_INVALID: 'EINVAL',
    SCHEDULE_DOES_NOT_FIT: 'EINVAL',
  });
});

test('a stream of random numbers is the published generator, and of its own for each name', (t) => {
  // Of the state 1, 2, 3, 4: computed apart from this code, with whole numbers of any size, by the published algorithm.
  const random = new Random([1, 2, 3, 4]);
  const first = Array.from({ length: 10 }, () => random.next());
  t.deepEqual(
    first,
    [11520, 0, 5927040, 70819200, 2031721883, 1637235492, 1287239034, 3734860849, 3729100597, 4258142804],
  );
  const [a, b] = [composed(randomSchedule(), { seed: 5 }), composed(randomSchedule(), { seed: 5 })].map((kernel) =>
    kernel.get(RANDOM),
  );
  a?.stream('other').next();
  t.is(a?.stream('mine').next(), b?.stream('mine').next(), 'whatever others draw');
  t.not(a?.stream('mine').next(), a?.stream('third').next());
  const counts = new Map<number, number>();
  const die = Random.of(1);
  for (let i = 0; i < 6000; i++) {
    const face = die.below(6);
    counts.set(face, (counts.get(face) ?? 0) + 1);
  }
  t.true(counts.size === 6 && [...counts.values()].every((count) => count > 850 && count < 1150));
  for (const wrong of [0, -1, 1.5, 2 ** 33]) t.throws(() => die.below(wrong), { instanceOf: TypeError });
  t.throws(() => composed(randomSchedule(), { seed: -1 }), { message: /seed is a whole number from 0 to 4294967295/ });
  const wrong: RandomScheduleOptions[] = [{ preemptions: -1 }, { longest: 0 }, { patience: 1.5 }];
  for (const options of wrong) t.throws(() => randomSchedule(options), { instanceOf: TypeError });
});
