import { SCHEDULING, type Task } from '@hwbp/core';
import { fair } from '@hwbp/schedulers';
import test from 'ava';
import { Journal, kernelOf } from '../machine/support.js';

const MILLISECOND = 1_000_000;

/** An instruction is a microsecond, a tick a tenth of a millisecond. */
function lab(options: Parameters<typeof kernelOf>[0] = {}) {
  const kernel = kernelOf({ tick: MILLISECOND / 10, taskScheduler: fair(), ...options });
  const journal = new Journal();
  const { machine } = kernel;
  const spawn = (comm: string, nice = 0, more = {}) =>
    machine.spawn(journal.spin(comm), { comm, scheduling: { nice }, ...more });
  const shares = (tasks: readonly Task[], instructions: number): number[] => {
    const before = tasks.map((task) => task.instructions);
    machine.run(instructions);
    return tasks.map((task, i) => (task.instructions - (before[i] ?? 0)) / instructions);
  };
  return { kernel, machine, journal, spawn, shares };
}

const near = (value: number | undefined, wanted: number, within: number): boolean =>
  value !== undefined && Math.abs(value - wanted) <= within;

test('equal ones have equal shares', (t) => {
  const { spawn, shares } = lab();
  const tasks = ['a', 'b', 'c', 'd'].map((name) => spawn(name));
  for (const share of shares(tasks, 400_000)) t.true(near(share, 0.25, 0.01), String(share));
});

test('one step of nice is a quarter more than beside it; five of them are about three times as much', (t) => {
  for (const [nice, wanted] of [
    [1, 1 / (1 + 1.25)],
    [-1, 1.25 / 2.25],
    [5, 1 / (1 + 1.25 ** 5)],
    [19, 1 / (1 + 1.25 ** 19)],
  ] as const) {
    const { spawn, shares } = lab();
    const [share] = shares([spawn('nice', nice), spawn('other')], 400_000);
    t.true(near(share, wanted, 0.02), `nice ${nice}: ${share}, wanted ${wanted}`);
  }
});

test('a sleeper takes the CPU as it wakes up, and does not get all that it has slept', (t) => {
  const { machine, spawn, shares, journal } = lab();
  const other = spawn('other');
  const sleeper = spawn('sleeper', 0, { run: false });
  machine.run(100_000);
  journal.take();
  machine.wake(sleeper);
  machine.run(1);
  t.deepEqual(journal.take(), ['sleeper@0 x1']);
  const [, share] = shares([other, sleeper], 40_000);
  t.true(near(share, 0.5, 0.1), `not the 100,000 that it has slept: ${share}`);
});

test('a new one waits for its turn, and yields to nobody after that', (t) => {
  const { machine, spawn, journal } = lab();
  spawn('a');
  machine.run(10);
  spawn('b');
  machine.run(10);
  t.deepEqual(journal.take(), ['a@0 x20']);
  machine.schedule(0);
  machine.run(10);
  t.deepEqual(journal.take(), ['b@0 x10'], 'whoever yields lets the next one run');
});

test('heavy tasks are spread, an idle CPU pulls, and shares hold over all CPUs', (t) => {
  const { machine, spawn, shares } = lab({ cpus: 2 });
  const tasks = [spawn('a'), spawn('b'), spawn('c'), spawn('d')];
  t.deepEqual(
    tasks.map(({ cpu }) => cpu),
    [0, 1, 0, 1],
  );
  const [a, b, c, d] = tasks as [Task, Task, Task, Task];
  machine.exit(b);
  machine.exit(d);
  const [first, second] = shares([a, c], 20_000);
  t.true(near(first, 0.5, 0.02) && near(second, 0.5, 0.02), 'CPU 1 has pulled one of CPU 0');
});

test('a change of nice counts from then on', (t) => {
  const { kernel, spawn, shares } = lab();
  const tasks = [spawn('a'), spawn('b')] as const;
  shares(tasks, 20_000);
  kernel.get(SCHEDULING).set(tasks[0], { nice: -10 });
  const [share] = shares(tasks, 200_000);
  t.true(near(share, 1.25 ** 10 / (1.25 ** 10 + 1), 0.02), String(share));
});

test('what is wrong names the class and the field', (t) => {
  const { machine } = lab();
  for (const nice of [-21, 20, 0.5, '1']) {
    t.throws(() => machine.spawn(new Journal().spin('a'), { scheduling: { nice: nice as never } }), {
      instanceOf: TypeError,
      message: /scheduling.nice of the scheduling class 'fair' is a whole number from -20 to 19/,
    });
  }
  t.throws(() => fair({ latency: 0 }), { message: /latency is a whole number from 1/ });
});
