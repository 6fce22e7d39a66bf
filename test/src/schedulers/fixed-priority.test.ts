import { SCHEDULING } from '@hwbp/core';
import { fixedPriority } from '@hwbp/schedulers';
import test from 'ava';
import { Journal, kernelOf } from '../machine/support.js';

/** Ticks of ten instructions. */
function lab(options: Parameters<typeof kernelOf>[0] = {}) {
  const kernel = kernelOf({ quantum: 5, tick: 10_000, taskScheduler: fixedPriority(), ...options });
  const journal = new Journal();
  const { machine } = kernel;
  const spawn = (comm: string, priority: number, policy: 'fifo' | 'rr' = 'fifo', more = {}) =>
    machine.spawn(journal.spin(comm), { comm, scheduling: { priority, policy }, ...more });
  const ran = (instructions: number): string[] => {
    machine.run(instructions);
    return journal.take();
  };
  return { kernel, machine, journal, spawn, ran, scheduling: kernel.get(SCHEDULING) };
}

test('the highest priority runs, whoever came first; the others when it does not want to', (t) => {
  const { machine, spawn, ran } = lab();
  spawn('low', 1);
  const high = spawn('high', 9);
  spawn('middle', 5);
  t.deepEqual(ran(50), ['high@0 x50']);
  machine.halt(high);
  t.deepEqual(ran(50), ['middle@0 x50']);
});

test('whoever wakes up takes the CPU from a lower priority, before its next instruction', (t) => {
  const { machine, spawn, ran } = lab();
  spawn('low', 1);
  const high = spawn('high', 2, 'fifo', { run: false });
  t.deepEqual(ran(3), ['low@0 x3']);
  machine.wake(high);
  t.deepEqual(ran(4), ['high@0 x4']);
  spawn('equal', 2);
  t.deepEqual(ran(30), ['high@0 x30'], 'an equal one waits');
});

test('a fifo task runs on over its ticks; rr tasks of one priority take turns', (t) => {
  const { machine, spawn, ran } = lab();
  const [a, b] = [spawn('a', 3), spawn('b', 3)];
  t.deepEqual(ran(40), ['a@0 x40']);
  for (const task of [a, b]) machine.exit(task);
  spawn('c', 3, 'rr');
  spawn('d', 3, 'rr');
  spawn('e', 2, 'rr');
  t.deepEqual(ran(40), ['c@0 x10', 'd@0 x10', 'c@0 x10', 'd@0 x10']);
});

test('the time slice of rr counts ticks', (t) => {
  const { spawn, ran } = lab({ taskScheduler: fixedPriority({ timeslice: 30_000 }) });
  spawn('a', 1, 'rr');
  spawn('b', 1, 'rr');
  t.deepEqual(ran(90), ['a@0 x30', 'b@0 x30', 'a@0 x30']);
});

test('POSIX: who was preempted is the first of its priority, who yields or was woken the last', (t) => {
  const { machine, spawn, ran } = lab();
  const a = spawn('a', 3);
  spawn('b', 3);
  ran(1);
  const high = spawn('high', 4);
  t.deepEqual(ran(2), ['high@0 x2']);
  machine.exit(high);
  t.deepEqual(ran(2), ['a@0 x2']);
  machine.schedule(0);
  t.deepEqual(ran(2), ['b@0 x2']);
  machine.halt(a);
  machine.wake(a);
  spawn('c', 3);
  machine.schedule(0);
  t.deepEqual(ran(2), ['a@0 x2']);
});

test('POSIX: rr resumes the rest of its time behind a preemption', (t) => {
  const { machine, spawn, ran } = lab({ taskScheduler: fixedPriority({ timeslice: 30_000 }) });
  spawn('a', 1, 'rr');
  spawn('b', 1, 'rr');
  const high = spawn('high', 2, 'fifo', { run: false });
  t.deepEqual(ran(20), ['a@0 x20']);
  machine.wake(high);
  t.deepEqual(ran(10), ['high@0 x10']);
  machine.exit(high);
  t.deepEqual(ran(25), ['a@0 x10', 'b@0 x15']);
});

test('POSIX: raised is the last of its new priority, lowered the first', (t) => {
  const { spawn, ran, scheduling } = lab();
  const [a, b] = [spawn('a', 5), spawn('b', 5)];
  const c = spawn('c', 7);
  t.deepEqual(ran(2), ['c@0 x2']);
  scheduling.set(c, { priority: 5 });
  t.deepEqual(ran(2), ['c@0 x2'], 'lowered while it runs');
  scheduling.set(c, { priority: 4 });
  t.deepEqual(ran(2), ['a@0 x2']);
  scheduling.set(b, { priority: 6 });
  t.deepEqual(ran(2), ['b@0 x2'], 'raised while it waits: it preempts');
  scheduling.set(a, { priority: 6 });
  t.deepEqual(ran(2), ['b@0 x2'], 'an equal one does not');
  t.deepEqual(a.scheduling, { priority: 6, policy: 'fifo' });
});

test('an idle CPU, or else the lowest priority, gets whoever wakes up; the highest that wait are pulled', (t) => {
  const { machine, spawn, ran } = lab({ cpus: 2 });
  const a = spawn('a', 5);
  const b = spawn('b', 3);
  ran(10);
  t.deepEqual([a.cpu, b.cpu], [0, 1]);
  const c = spawn('c', 4);
  t.is(c.cpu, 1, 'where the lower one runs');
  t.deepEqual(ran(10), ['a@0 x5', 'c@1 x5']);
  machine.halt(a);
  t.deepEqual(ran(10), ['b@0 x5', 'c@1 x5'], 'b waits no more: CPU 0 has nobody');
  machine.setAffinity(b, [1]);
  t.deepEqual(ran(10), ['c@1 x10'], 'it may not run on CPU 0');
});

test('what is wrong names the class and the field, and nothing happens', (t) => {
  const { machine, spawn, kernel, scheduling } = lab();
  const task = spawn('a', 5);
  for (const [given, message] of [
    [
      { priority: 0 },
      /scheduling.priority of the scheduling class 'fixed priority' is a whole number from 1 to 99, got 0/,
    ],
    [{ priority: 100 }, /from 1 to 99, got 100/],
    [{ priority: '5' }, /got '5'/],
    [{ policy: 'other' }, /scheduling.policy of .* is 'fifo' or 'rr', got 'other'/],
    [
      { nice: 5 },
      /scheduling.nice: the scheduling class 'fixed priority' has no such parameter; it has priority, policy/,
    ],
  ] as const) {
    t.throws(() => machine.spawn(() => undefined as never, { scheduling: given as never }), {
      instanceOf: TypeError,
      message,
    });
    t.throws(() => scheduling.set(task, given as never), { instanceOf: TypeError, message });
  }
  t.deepEqual(task.scheduling, { priority: 5, policy: 'fifo' });
  t.is(machine.tasks.size, 1);
  t.deepEqual(kernel.describe().plugins.at(-1), { name: 'fixed priority', options: {}, facets: [] });
  t.throws(() => fixedPriority({ timeslice: 0 }), { message: /timeslice is a whole number from 1, got 0/ });
  t.throws(() => fixedPriority({ slice: 5 } as never), { message: /fixedPriority has no option 'slice'/ });
});

test('however the run is cut, it is the same', (t) => {
  const runs = [1, 3, 7, 1000].map((step) => {
    const { machine, spawn, journal } = lab({ cpus: 2 });
    for (let i = 0; i < 6; i++) spawn(`t${i}`, 1 + (i % 3), i % 2 === 0 ? 'rr' : 'fifo');
    while (machine.count < 1000) machine.run(Math.min(step, 1000 - machine.count));
    return journal.take();
  });
  for (const run of runs) t.deepEqual(run, runs[0]);
});
