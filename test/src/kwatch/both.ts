import { directScheduler, type KernelOptions, perfEvents } from '@hwbp/core';
import test, { type ExecutionContext } from 'ava';

const SCHEDULERS = { direct: directScheduler(), events: perfEvents() };

/** A test with each scheduler: the body gets the options of a kernel that name it. */
export function both(title: string, body: (t: ExecutionContext, scheduler: Partial<KernelOptions>) => void): void {
  for (const [name, breakpointScheduler] of Object.entries(SCHEDULERS)) {
    test(`${title} [${name}]`, (t) => body(t, { breakpointScheduler }));
  }
}
