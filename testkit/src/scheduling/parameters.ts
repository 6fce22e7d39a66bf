import { SCHEDULING, type SchedulingParameters, TASK_SCHEDULER, type Task } from '@hwbp/core';
import { equal, ok, thrown } from '../assert/index.js';
import type { SchedulingLab } from './scheduling-lab.js';
import { type SchedulingCase, type SchedulingSubject, schedulingCase } from './scheduling-subject.js';

const has = ({ options }: SchedulingSubject): boolean => options.parameters !== undefined;

/** Refused with a TypeError that names the class and the field, and nothing has happened. */
function refused(lab: SchedulingLab, given: SchedulingParameters, field: string): void {
  const task = lab.endless();
  const before = lab.state;
  const { name } = lab.kernel.get(TASK_SCHEDULER);
  const what = `${JSON.stringify(given)} of a task`;
  for (const attempt of [() => lab.endless({ scheduling: given }), () => lab.kernel.get(SCHEDULING).set(task, given)]) {
    const error = thrown(attempt, what);
    ok(error instanceof TypeError, `${what} is refused with a TypeError, got ${String(error)}`);
    ok(
      error.message.includes(field) && error.message.includes(name),
      `its message names '${field}' and the class '${name}': ${error.message}`,
    );
    equal(lab.state, before, `every task once ${what} is refused`);
  }
  lab.machine.exit(task);
}

/** What a class is told of tasks. */
export const parameterCases: readonly SchedulingCase[] = [
  schedulingCase('unknown-parameters-are-refused', (lab) => {
    refused(lab, { 'no such parameter': 1 }, 'no such parameter');
  }),

  schedulingCase(
    'wrong-parameters-are-refused',
    (lab, { options }) => {
      for (const [given, field] of options.parameters?.wrong ?? []) refused(lab, given, field);
    },
    {},
    has,
  ),

  schedulingCase(
    'parameters-are-complete-and-inherited',
    (lab, { options }) => {
      const { good } = options.parameters ?? { good: [{}] };
      equal(lab.endless().scheduling, lab.endless({ scheduling: good[0] }).scheduling, 'those of a task without any');
      for (const given of good) {
        const task = lab.endless({ scheduling: given });
        for (const [name, value] of Object.entries(given)) {
          equal(task.scheduling[name], value, `${name} of a task that was given it`);
        }
        const child = lab.machine.fork(task, () => lab.nothing);
        equal(child.scheduling, task.scheduling, 'parameters of a child');
        ok(Object.isFrozen(task.scheduling), 'nobody changes them behind the back of the class');
        for (const one of [task, child]) lab.machine.exit(one);
      }
    },
    {},
    has,
  ),

  schedulingCase(
    'parameters-change-wherever-a-task-is',
    (lab, { options }) => {
      const { good } = options.parameters ?? { good: [{}] };
      const scheduling = lab.kernel.get(SCHEDULING);
      const tasks = [0, 1, 2].map(() => lab.endless()) as [Task, Task, Task];
      lab.machine.run(5);
      lab.machine.halt(tasks[2]);
      for (const given of [...good, ...good]) {
        for (const task of tasks) {
          scheduling.set(task, given);
          for (const [name, value] of Object.entries(given)) equal(task.scheduling[name], value, name);
          lab.machine.run(3);
        }
      }
      for (const task of tasks) scheduling.set(task, good[0]);
      lab.machine.wake(tasks[2]);
      const shares = lab.shares(tasks, 60_000);
      ok(!shares.includes(0), `everybody gets on once all are equal again, got ${shares}`);
    },
    {},
    has,
  ),

  schedulingCase(
    'what-is-scarce-is-free-again',
    (lab, { options }) => {
      const scheduling = options.parameters?.scarce ?? {};
      const first = lab.endless({ scheduling });
      thrown(() => lab.endless({ scheduling }), 'a second task that asks for as much');
      equal(lab.machine.tasks.size, 1, 'tasks once it is refused');
      lab.machine.run(10);
      lab.machine.exit(first);
      lab.endless({ scheduling });
    },
    {},
    ({ options }) => options.parameters?.scarce !== undefined,
  ),
];
