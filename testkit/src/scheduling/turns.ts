import { equal, ok } from '../assert/index.js';
import { type SchedulingCase, schedulingCase } from './scheduling-subject.js';

const COUNT = 6;

/** Everybody has his turn. */
export const turnCases: readonly SchedulingCase[] = [
  schedulingCase(
    'everybody-comes-to-his-end',
    (lab) => {
      for (let i = 0; i < 20; i++) lab.task(5 * i);
      lab.runToTheEnd();
      equal(lab.machine.run(10).reason, 'idle', 'why a run returns when everybody has ended');
    },
    { cpus: 3 },
  ),

  schedulingCase('nobody-starves', (lab, { options }) => {
    const tasks = Array.from({ length: COUNT }, () => lab.endless());
    const shares = lab.shares(tasks, options.random === true ? 20_000 : 2_000 * COUNT);
    ok(!shares.includes(0), `each of ${COUNT} equal tasks gets on, got ${shares} instructions`);
  }),

  schedulingCase('equal-tasks-have-equal-shares', (lab, { options }) => {
    const tasks = Array.from({ length: COUNT }, () => lab.endless());
    const each = options.random === true ? 20_000 : 12_000;
    const shares = lab.shares(tasks, each * COUNT);
    const within = options.random === true ? 0.5 : 0.25;
    ok(
      shares.every((share) => Math.abs(share - each) <= within * each),
      `each of ${COUNT} equal tasks has about ${each} instructions, got ${shares}`,
    );
  }),

  schedulingCase('who-comes-later-has-a-turn-too', (lab) => {
    const first = lab.endless();
    lab.machine.run(100_000);
    const late = lab.endless();
    const [had, has] = lab.shares([first, late], 40_000) as [number, number];
    ok(has > 5_000 && had > 5_000, `both get on, whatever one has had before: ${had} and ${has} instructions`);
  }),

  schedulingCase('who-has-slept-does-not-keep-the-others-off', (lab) => {
    const tasks = [lab.endless(), lab.endless()] as const;
    lab.machine.halt(tasks[1]);
    lab.machine.run(100_000);
    lab.machine.wake(tasks[1]);
    const [had, has] = lab.shares(tasks, 40_000) as [number, number];
    ok(has > 5_000 && had > 5_000, `both get on, although one has slept long: ${had} and ${has} instructions`);
  }),

  schedulingCase('whoever-yields-lets-the-others-run', (lab) => {
    const tasks = [lab.endless(), lab.endless(), lab.endless()];
    for (let i = 0; i < 600; i++) {
      lab.machine.run(1);
      lab.machine.schedule(0);
    }
    ok(
      tasks.every(({ instructions }) => instructions > 5),
      `each of three that yield all the time gets on, got ${tasks.map(({ instructions }) => instructions)}`,
    );
  }),

  schedulingCase('one-alone-has-its-cpu', (lab) => {
    const task = lab.endless();
    equal(lab.shares([task], 1_000), [1_000], 'instructions of a task that has nobody beside it');
    lab.machine.schedule(0);
    equal(lab.shares([task], 100), [100], 'the same once it has yielded');
  }),

  schedulingCase(
    'an-idle-cpu-gets-a-new-task',
    (lab) => {
      const tasks = [lab.endless(), lab.endless(), lab.endless()];
      equal(new Set(tasks.map(({ cpu }) => cpu)).size, 3, 'CPUs of three tasks on a machine of three');
      ok(!lab.shares(tasks, 6_000).includes(0), 'all three get on');
    },
    { cpus: 3 },
  ),

  schedulingCase(
    'whoever-waits-comes-to-a-cpu-that-has-nobody',
    (lab) => {
      const tasks = Array.from({ length: 4 }, () => lab.endless());
      lab.machine.run(100);
      const left = tasks.filter(({ cpu }) => cpu === 1);
      for (const task of left) lab.machine.exit(task);
      lab.machine.run(1_000);
      const busy = lab.machine.cpus.filter((cpu) => lab.machine.current(cpu) !== undefined);
      equal(busy.length, 2, 'CPUs that run one of two tasks');
    },
    { cpus: 2 },
    ({ options }) => options.balances === true,
  ),

  schedulingCase(
    'whoever-goes-before-takes-the-cpu-as-it-wakes-up',
    (lab, { options }) => {
      const [low, high] = options.preempts ?? [];
      const sleeper = lab.endless({ scheduling: high, run: false } as never);
      const runs = lab.endless({ scheduling: low } as never);
      lab.machine.run(3);
      equal(lab.machine.current(lab.machine.cpu(0)), runs, 'the one that runs meanwhile');
      lab.machine.wake(sleeper);
      equal(lab.steps(3), Array(3).fill(`${sleeper.pid}@0`), 'who executes once it is awake');
      lab.machine.halt(sleeper);
      equal(lab.steps(3), Array(3).fill(`${runs.pid}@0`), 'who executes while it sleeps again');
    },
    {},
    ({ options }) => options.preempts !== undefined,
  ),

  schedulingCase('many-tasks-come-and-go', (lab) => {
    for (let i = 0; i < 1_000; i++) lab.task(3);
    lab.runToTheEnd();
  }),
];
