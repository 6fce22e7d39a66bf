import { DirectScheduler } from '@hwbp/core';
import { fakeBackend, schedulerContract } from '@hwbp/testkit';
import test from 'ava';

schedulerContract({
  test,
  name: 'direct',
  createBackend: () => fakeBackend({ slots: 2 }),
  options: { scheduler: ({ machine, pmu, logger }) => new DirectScheduler(machine, pmu, logger) },
});
