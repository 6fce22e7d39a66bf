import {
  type KernelImage,
  type KernelOptions,
  type Machine,
  type Plugin,
  resumeKernel,
  TASK_SCHEDULER,
  type Task,
} from '@hwbp/core';
import { equal } from '../assert/index.js';
import { SchedulingLab } from './scheduling-lab.js';
import { type SchedulingCase, type SchedulingSubject, schedulingCase } from './scheduling-subject.js';

/** Instructions after which kernels are written down. */
const MOMENTS = [0, 1, 37, 220];

/** What happens to tasks in a run, in which everything is that a class is told of; one entry for each moment. */
function story(
  subject: SchedulingSubject,
  step: number,
  ask: (machine: Machine) => void = () => {},
  options: Partial<KernelOptions> = {},
): string[] {
  const lab = subject.lab({ cpus: 2, seed: 5, ...options });
  const { machine } = lab;
  const states: string[] = [];
  const on = (count: number): void => {
    for (let i = 0; i < count; i += 20) {
      ask(machine);
      lab.advance(20, step);
      states.push(lab.state);
    }
  };
  const tasks = Array.from({ length: 6 }, (_, i) => lab.endless({ scheduling: subject.scheduling(i) }));
  const [, second, third, fourth] = tasks as [Task, Task, Task, Task];
  on(200);
  machine.halt(second);
  on(60);
  machine.setAffinity(third, [1]);
  machine.schedule(0);
  on(60);
  machine.setOnline(1, false);
  machine.wake(second);
  on(60);
  machine.setOnline(1, true);
  machine.exit(fourth);
  lab.endless({ scheduling: subject.scheduling(1) });
  on(200);
  lab.finish();
  return states;
}

/** The class without its short way: the kernel enqueues, picks and dequeues. */
function inThreeCalls(taskScheduler: Plugin): Plugin {
  const provides = taskScheduler.provides?.map((provision) => {
    if (provision.token !== TASK_SCHEDULER) return provision;
    const make = (...parts: never[]): unknown =>
      Object.defineProperty(provision.make(...parts), 'exchange', { value: undefined });
    return { ...provision, make };
  });
  return { ...taskScheduler, ...(provides === undefined ? {} : { provides }) };
}

/** `mixed`: tasks of different parameters; else all are equal. */
function sameFromImage(subject: SchedulingSubject, moment: number, mixed: boolean): void {
  const lab = subject.lab({ cpus: 2, seed: 5 });
  const tasks = Array.from({ length: 6 }, (_, i) => lab.task(150, { scheduling: subject.scheduling(mixed ? i : 0) }));
  lab.advance(moment, moment);
  lab.machine.halt(tasks[1] as Task);
  lab.advance(30, 30);
  const image = JSON.parse(JSON.stringify(lab.kernel.hibernate())) as KernelImage;
  lab.kernel.resume();
  const other = new SchedulingLab((logger) => resumeKernel(subject.composition({ cpus: 2, seed: 5, logger }), image));
  const where = `${mixed ? 'different tasks' : 'equal tasks'}, written down after ${moment} instructions`;
  for (let i = 0; i < 200; i++) {
    if (i === 20) for (const one of [lab, other]) one.machine.wake(one.machine.tasks.get(2) as Task);
    equal(other.state, lab.state, `every task ${i} instructions later, ${where}`);
    for (const one of [lab, other]) one.advance(1, 1);
  }
  const [left, right] = [lab, other].map(({ machine }) => [...machine.tasks.values()].map((task) => task.scheduling));
  equal(right, left, `parameters of tasks, ${where}`);
  for (const one of [lab, other]) {
    one.runToTheEnd();
    one.finish();
  }
}

/** The same composition is the same run. */
export const samenessCases: readonly SchedulingCase[] = [
  schedulingCase('the-same-composition-is-the-same-run', (_lab, subject) => {
    equal(story(subject, 1_000), story(subject, 1_000), 'every task, at each moment of two runs');
  }),

  schedulingCase('however-a-run-is-cut', (_lab, subject) => {
    const whole = story(subject, 1_000);
    for (const step of [1, 7]) equal(story(subject, step), whole, `every task, in calls of ${step} instructions`);
  }),

  schedulingCase('whoever-asks-changes-nothing', (_lab, subject) => {
    const asked = story(subject, 1_000, (machine) => {
      void machine.next;
      for (const cpu of machine.cpus) machine.upcoming(cpu);
    });
    equal(asked, story(subject, 1_000), 'every task, where somebody asks who is next');
  }),

  schedulingCase('an-exchange-is-three-calls', (_lab, subject) => {
    const taskScheduler = inThreeCalls(subject.options.taskScheduler());
    const called = story(subject, 1_000, undefined, { taskScheduler });
    equal(story(subject, 1_000), called, 'every task, whether the kernel calls exchange or enqueue, pick and dequeue');
  }),

  schedulingCase('a-fresh-machine-goes-on-from-an-image', (_lab, subject) => {
    for (const moment of MOMENTS) for (const mixed of [false, true]) sameFromImage(subject, moment, mixed);
  }),
];
