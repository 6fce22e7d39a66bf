import { SCHEDULING, type SchedulingParameters, type Task } from '@hwbp/core';
import { earliestDeadline } from '@hwbp/schedulers';
import test from 'ava';
import { Journal, kernelOf } from '../machine/support.js';

const MS = 1_000_000;

/** An instruction is a microsecond, a tick a tenth of a millisecond. */
function lab(options: Parameters<typeof kernelOf>[0] = {}) {
  const kernel = kernelOf({ tick: MS / 10, taskScheduler: earliestDeadline(), ...options });
  const journal = new Journal();
  const { machine } = kernel;
  const spawn = (comm: string, scheduling: SchedulingParameters = {}, more = {}) =>
    machine.spawn(journal.spin(comm), { comm, scheduling, ...more });
  const share = (task: Task, instructions: number): number => {
    const before = task.instructions;
    machine.run(instructions);
    return (task.instructions - before) / instructions;
  };
  return { kernel, machine, journal, spawn, share };
}

test('the earliest deadline runs, and takes the CPU as it wakes up; the background has the rest', (t) => {
  const { machine, spawn, journal } = lab();
  spawn('background');
  machine.run(100);
  spawn('late', { runtime: 2 * MS, period: 20 * MS });
  machine.run(100);
  const early = spawn('early', { runtime: 1 * MS, period: 10 * MS });
  machine.run(100);
  machine.halt(early);
  machine.run(100);
  t.deepEqual(journal.take(), ['background@0 x100', 'late@0 x100', 'early@0 x100', 'late@0 x100']);
});

test('nobody has more than his run time in a period while somebody else wants to run', (t) => {
  const { spawn, share, journal } = lab();
  const greedy = spawn('greedy', { runtime: 2 * MS, period: 10 * MS });
  const background = spawn('background');
  const got = share(greedy, 100_000);
  t.true(Math.abs(got - 0.2) < 0.02, `two of ten milliseconds: ${got}`);
  t.is(background.instructions, 100_000 - greedy.instructions);
  t.regex(journal.take()[0] ?? '', /^greedy@0 x(19|20|21)00$/);
});

test('a deadline before the end of the period: as much, and the time until the next period is others’', (t) => {
  const { spawn, share } = lab();
  const constrained = spawn('constrained', { runtime: 1 * MS, deadline: 2 * MS, period: 10 * MS });
  spawn('background');
  const got = share(constrained, 100_000);
  t.true(Math.abs(got - 0.1) < 0.02, String(got));
});

test('a CPU that nobody else wants is not left idle, and what is had there is not owed', (t) => {
  const { spawn, share } = lab();
  const alone = spawn('alone', { runtime: 1 * MS, period: 10 * MS });
  t.is(share(alone, 30_000), 1);
  spawn('other');
  const got = share(alone, 100_000);
  t.true(Math.abs(got - 0.1) < 0.02, String(got));
});

test('each of several has its share, whatever the sum below the bound is', (t) => {
  const { machine, spawn } = lab();
  const tasks = [
    spawn('a', { runtime: 3 * MS, period: 10 * MS }),
    spawn('b', { runtime: 4 * MS, period: 16 * MS }),
    spawn('c', { runtime: 10 * MS, period: 40 * MS }),
  ];
  spawn('background');
  machine.run(400_000);
  const got = tasks.map((task) => task.instructions / 400_000);
  for (const [i, wanted] of [0.3, 0.25, 0.25].entries()) {
    t.true(Math.abs((got[i] ?? 0) - wanted) < 0.02, `${got}`);
  }
});

test('no more is promised than there is; who ends gives back what he had', (t) => {
  const { machine, kernel, spawn } = lab({ cpus: 2 });
  const scheduling = kernel.get(SCHEDULING);
  const half = { runtime: 5 * MS, period: 10 * MS };
  const tasks = [spawn('a', half), spawn('b', half), spawn('c', half)];
  const refused = {
    code: 'DEADLINE_NO_BANDWIDTH',
    message: /^EBUSY: 50.0 % of a CPU cannot be promised: 150.0 % of 190.0 % are promised; ask for a shorter runtime/,
  };
  t.throws(() => spawn('d', half), refused);
  t.throws(() => machine.fork(tasks[0] as Task, new Journal().spin('child')), refused, 'a child asks for as much');
  const child = machine.fork(tasks[0] as Task, new Journal().spin('child'), { scheduling: { runtime: 1 * MS } });
  t.deepEqual(child.scheduling, { runtime: 1 * MS, deadline: 10 * MS, period: 10 * MS });
  machine.exit(child);
  t.throws(() => scheduling.set(tasks[0] as Task, { runtime: 10 * MS }), { message: /100.0 % of a CPU/ });
  t.deepEqual(tasks[0]?.scheduling, { ...half, deadline: 10 * MS }, 'as it was');
  scheduling.set(tasks[0] as Task, { runtime: 9 * MS });
  scheduling.set(tasks[0] as Task, { runtime: 5 * MS });
  machine.exit(tasks[1] as Task);
  machine.run(10);
  t.notThrows(() => spawn('d', half));
});

test('what is wrong names the class and the field', (t) => {
  const { machine } = lab();
  for (const [scheduling, message] of [
    [
      { runtime: 1000, period: MS },
      /scheduling.runtime of the scheduling class 'earliest deadline' is a whole number of nanoseconds from 1024, got 1000/,
    ],
    [{ runtime: 2000 }, /scheduling.period of the scheduling class 'earliest deadline' is missing/],
    [{ period: 2000 }, /scheduling.runtime of .* is missing/],
    [{ runtime: 5000, deadline: 4000, period: 9000 }, /runtime <= deadline <= period, got 5000, 4000 and 9000/],
    [{ priority: 4 }, /no such parameter; it has runtime, deadline, period/],
  ] as const) {
    t.throws(() => machine.spawn(new Journal().spin('a'), { scheduling }), { instanceOf: TypeError, message });
  }
  for (const utilisation of [0, 1.1, '1']) {
    t.throws(() => earliestDeadline({ utilisation: utilisation as never }), { message: /utilisation is a share/ });
  }
});
