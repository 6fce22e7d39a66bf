import { x86 } from '@hwbp/arch-x86';
import test from 'ava';
import fc from 'fast-check';
import { check } from './support/check.js';
import { EventDriver, type EventSetup } from './support/event-driver.js';
import { eventPrograms } from './support/event-programs.js';
import { fakeArch } from './support/fake-arch.js';

const SETUPS: Readonly<Record<string, readonly [EventSetup, number]>> = {
  "Linux's accounting, x86": [
    { arch: x86, accounting: 'linux', exclusiveBreakpoints: false, cpus: 2, counters: 1 },
    250,
  ],
  'flexible breakpoints, 2 shared registers': [
    {
      arch: () => fakeArch({ data: 2, instruction: 2, shared: true }),
      accounting: 'flexible',
      exclusiveBreakpoints: false,
      cpus: 2,
      counters: 1,
    },
    250,
  ],
  'flexible breakpoints that can be exclusive, 2 data and 1 instruction registers': [
    {
      arch: () => fakeArch({ data: 2, instruction: 1, shared: false }),
      accounting: 'flexible',
      exclusiveBreakpoints: true,
      cpus: 3,
      counters: 2,
    },
    250,
  ],
};

for (const [name, [setup, runs]] of Object.entries(SETUPS)) {
  test(`random event programs do what a slow and obvious model of perf events does: ${name}`, (t) => {
    const seen = new Map<string, number>();
    const property = fc.property(eventPrograms(), ({ texts, operations }) => {
      const driver = new EventDriver(setup, texts);
      for (const operate of operations) operate(driver);
      driver.end();
      for (const what of driver.seen) seen.set(what, (seen.get(what) ?? 0) + 1);
    });
    check(t, property, runs);
    t.log(Object.fromEntries(seen));
    for (const what of ['ok', 'EINVAL', 'ENOSPC', 'ESRCH', 'ACTIVE', 'INACTIVE', 'OFF', 'ERROR', 'EXIT']) {
      t.true((seen.get(what) ?? 0) > runs / 10, `the operations were chosen so that ${what} is common`);
    }
  });
}
