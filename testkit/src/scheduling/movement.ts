import { equal, ok } from '../assert/index.js';
import { type SchedulingCase, schedulingCase } from './scheduling-subject.js';

/** Which CPUs tasks are on. */
export const movementCases: readonly SchedulingCase[] = [
  schedulingCase(
    'a-task-runs-where-it-may',
    (lab) => {
      const bound = Array.from({ length: 6 }, (_, i) => lab.endless({ affinity: [i % 3] }));
      for (let i = 0; i < 3; i++) lab.endless();
      for (const seen of new Set(lab.steps(2_000))) {
        const task = bound.find(({ pid }) => seen.startsWith(`${pid}@`));
        if (task !== undefined) ok(task.affinity?.has(Number(seen.split('@')[1])) === true, `${task} ran at ${seen}`);
      }
    },
    { cpus: 3 },
  ),

  schedulingCase(
    'a-cpu-that-has-nobody-leaves-those-who-may-not-come',
    (lab) => {
      for (let i = 0; i < 4; i++) lab.endless({ affinity: [0] });
      const elsewhere = lab.steps(500).filter((one) => !one.endsWith('@0'));
      equal(elsewhere, [], 'instructions on CPU 1 of tasks that may run on CPU 0 only');
    },
    { cpus: 2 },
  ),

  schedulingCase(
    'a-task-moves-when-its-affinity-says-so',
    (lab) => {
      const [runs, waits, sleeps] = [0, 0, 0].map((cpu) => lab.endless({ affinity: [cpu] }));
      if (runs === undefined || waits === undefined || sleeps === undefined) return;
      lab.machine.run(3);
      lab.machine.halt(sleeps);
      for (const task of [runs, waits, sleeps]) lab.machine.setAffinity(task, [1]);
      lab.machine.wake(sleeps);
      const seen = new Set(lab.steps(3_000));
      equal([...seen].sort(), [runs, waits, sleeps].map(({ pid }) => `${pid}@1`).sort(), 'who executes where');
    },
    { cpus: 2 },
  ),

  schedulingCase(
    'a-cpu-that-goes-loses-nobody',
    (lab) => {
      const tasks = Array.from({ length: 8 }, (_, i) => lab.endless(i === 0 ? { affinity: [1] } : {}));
      const [, asleep] = tasks;
      lab.machine.run(100);
      if (asleep !== undefined) lab.machine.halt(asleep);
      lab.machine.setOnline(1, false);
      if (asleep !== undefined) lab.machine.wake(asleep);
      const shares = lab.shares(tasks, 20_000);
      ok(!shares.includes(0), `each of eight tasks gets on without CPU 1, got ${shares}`);
      ok(
        tasks.every(({ cpu }) => cpu === 0),
        'all of them are on the CPU that is left',
      );
      lab.machine.setOnline(1, true);
      ok(lab.endless().cpu === 1, 'a new one goes to the CPU that is back');
      ok(!lab.shares(tasks, 40_000).includes(0), 'everybody gets on afterwards');
    },
    { cpus: 2 },
  ),

  schedulingCase(
    'a-suspend-loses-nobody',
    (lab) => {
      const tasks = Array.from({ length: 6 }, () => lab.endless());
      lab.machine.run(100);
      lab.kernel.suspend();
      lab.kernel.resume();
      const shares = lab.shares(tasks, 30_000);
      ok(!shares.includes(0), `each of six tasks gets on after it, got ${shares}`);
    },
    { cpus: 3 },
  ),
];
