import { roundRobin } from '@hwbp/core';
import { schedulingContract, type TestFunction } from '@hwbp/testkit';
import { SUBJECTS } from '../task-schedulers.js';

const suite = (name: string) => (test: TestFunction) => {
  const subject = SUBJECTS.find((one) => one.name === name);
  if (subject === undefined) throw new TypeError(`there is no class '${name}'`);
  schedulingContract({ ...subject, test, name: 'planted' });
};

/** Scheduling classes of tasks. */
export const SUITES = {
  'round robin': (test: TestFunction) => schedulingContract({ test, name: 'planted', taskScheduler: roundRobin }),
  'fixed priority': suite('fixed priority'),
  fair: suite('fair'),
  'earliest deadline': suite('earliest deadline'),
  'random schedule': suite('random schedule'),
} as const;
