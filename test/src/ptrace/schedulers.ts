import { directScheduler, type Plugin, perfEvents } from '@hwbp/core';
import ava, { type ExecutionContext } from 'ava';

/** A debugger must not notice which scheduler a kernel has: every test of ptrace runs with each of them. */
const SCHEDULERS: Readonly<Record<string, Plugin>> = { direct: directScheduler(), events: perfEvents() };

let current: Plugin | undefined;

/** The scheduler of the test that is running; core's default outside of one. */
export function schedulerUnderTest(): { readonly breakpointScheduler?: Plugin } {
  return current === undefined ? {} : { breakpointScheduler: current };
}

/** ava's `test`, once for each scheduler. The body is synchronous: what it composes meanwhile has that scheduler. */
export default function test(title: string, body: (t: ExecutionContext) => void): void {
  for (const [name, scheduler] of Object.entries(SCHEDULERS)) {
    ava(`${title} [${name}]`, (t) => {
      current = scheduler;
      try {
        const result: unknown = body(t);
        t.is(result, undefined, 'the body of such a test is synchronous');
      } finally {
        current = undefined;
      }
    });
  }
}
