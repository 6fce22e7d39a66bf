import { TASK_SCHEDULER } from '@hwbp/core';
import { equal, ok } from '../assert/index.js';
import { type SchedulingCase, schedulingCase } from './scheduling-subject.js';

/** Tasks that are stopped, kept off by a debugger, or gone. */
export const controlCases: readonly SchedulingCase[] = [
  schedulingCase(
    'a-stopped-task-does-not-run',
    (lab) => {
      const tasks = Array.from({ length: 6 }, () => lab.endless());
      lab.machine.run(200);
      const stopped = tasks.filter((_, i) => i % 2 === 0);
      const others = tasks.filter((_, i) => i % 2 === 1);
      for (const task of stopped) lab.machine.halt(task);
      equal(lab.shares(stopped, 3_000), [0, 0, 0], 'instructions of those that are stopped');
      ok(!lab.shares(others, 6_000).includes(0), 'the others get on');
      for (const task of stopped) lab.machine.wake(task);
      const shares = lab.shares(tasks, 40_000);
      ok(!shares.includes(0), `everybody gets on when they are woken, got ${shares}`);
    },
    { cpus: 2 },
  ),

  schedulingCase(
    'a-task-that-ends-is-forgotten',
    (lab) => {
      const tasks = Array.from({ length: 9 }, () => lab.endless());
      lab.machine.run(200);
      for (const [i, task] of tasks.entries()) if (i % 3 !== 0) lab.machine.exit(task);
      const left = tasks.filter(({ alive }) => alive);
      ok(!lab.shares(left, 10_000).includes(0), 'those that are left get on');
      for (const task of left) lab.machine.exit(task);
      equal(lab.machine.run(100).reason, 'idle', 'why a run returns when nobody is left');
      const again = lab.endless();
      equal(lab.shares([again], 100), [100], 'instructions of one that comes then');
    },
    { cpus: 2 },
  ),

  schedulingCase('a-task-may-be-woken-and-stopped-at-any-time', (lab) => {
    const tasks = Array.from({ length: 4 }, () => lab.endless({ run: false }));
    for (let i = 0; i < 400; i++) {
      const task = tasks[(7 * i) % 4];
      if (task === undefined) continue;
      if (i % 3 === 0) lab.machine.halt(task);
      else lab.machine.wake(task);
      lab.machine.run(i % 5);
    }
    for (const task of tasks) lab.machine.wake(task);
    ok(!lab.shares(tasks, 20_000).includes(0), 'everybody gets on in the end');
  }),

  schedulingCase('a-gate-is-obeyed', (lab) => {
    const tasks = Array.from({ length: 5 }, () => lab.endless());
    const [, , only] = tasks;
    lab.machine.run(30);
    const open = lab.machine.addGate({ cpu: () => true, task: (task) => task === only });
    equal([...new Set(lab.steps(200))], [`${only?.pid}@0`], 'who executes while a gate admits one');
    open();
    const shut = lab.machine.addGate({ cpu: () => true, task: () => false });
    equal(lab.machine.run(100).reason, 'held', 'why a run returns while a gate admits nobody');
    shut();
    const shares = lab.shares(tasks, 30_000);
    ok(!shares.includes(0), `everybody gets on once it is gone, got ${shares}`);
  }),

  schedulingCase('many-that-come-and-go-leave-nothing', (lab, subject) => {
    const { image } = lab.kernel.get(TASK_SCHEDULER);
    const sizes: number[] = [];
    for (let i = 0; i < 600; i++) {
      const task = lab.endless({ scheduling: subject.scheduling(i), run: i % 2 === 0 });
      if (i % 3 === 0) lab.machine.run(7);
      lab.machine.exit(task);
      lab.machine.run(2);
      if (i % 300 === 299) sizes.push(JSON.stringify(image?.save([]) ?? null).length);
    }
    const [first = 0, second = 0] = sizes;
    // A schedule that is data has all that it has chosen.
    if (subject.options.random === true) return;
    ok(second <= first + 32, `an image of nobody does not grow with who has been: ${first} characters, then ${second}`);
  }),
];
