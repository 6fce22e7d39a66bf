import { flexible, linuxSlotPolicy, perfEvents, priorities } from '@hwbp/core';
import { fakeBackend, schedulerContract, slotPolicyContract, type TestFunction } from '@hwbp/testkit';

const name = 'planted';

/** Schedulers and slot policies. */
export const SUITES = {
  direct: (test: TestFunction) => schedulerContract({ test, name, createBackend: () => fakeBackend({ slots: 4 }) }),
  events: (test: TestFunction) => {
    const options = { breakpointScheduler: perfEvents() };
    schedulerContract({ test, name, createBackend: () => fakeBackend({ slots: 4 }), options });
  },
  linux: (test: TestFunction) =>
    slotPolicyContract({ test, name, createPolicy: linuxSlotPolicy().create, honours: 'linux' }),
  flexible: (test: TestFunction) =>
    slotPolicyContract({ test, name, createPolicy: flexible().create, honours: 'linux', shares: true }),
  priorities: (test: TestFunction) =>
    slotPolicyContract({ test, name, createPolicy: priorities().create, displaces: 'exact' }),
} as const;
