import { arm64 } from '@hwbp/arch-arm64';
import { ppc64 } from '@hwbp/arch-ppc64';
import { x86 } from '@hwbp/arch-x86';
import { directScheduler, perfEvents } from '@hwbp/core';
import { backendContract, fakeBackend } from '@hwbp/testkit';
import test from 'ava';

/** The schedulers that core ships: each keeps every promise of a kernel, not only those about scheduling. */
const SCHEDULERS = {
  direct: directScheduler(),
  events: perfEvents(),
  'events, exclusive breakpoints': perfEvents({ exclusiveBreakpoints: true }),
};

for (const [name, breakpointScheduler] of Object.entries(SCHEDULERS)) {
  backendContract({ test, name, createBackend: () => fakeBackend({ slots: 2 }), options: { breakpointScheduler } });
}
backendContract({
  test,
  name: 'events on x86',
  createBackend: () => x86(),
  options: { breakpointScheduler: SCHEDULERS.events },
});
backendContract({
  test,
  name: 'events on ppc64',
  createBackend: () => ppc64(),
  options: { breakpointScheduler: SCHEDULERS.events },
});
backendContract({
  test,
  name: 'events on arm64',
  createBackend: () => arm64({ brps: 2, wrps: 3 }),
  options: { breakpointScheduler: SCHEDULERS.events },
});
