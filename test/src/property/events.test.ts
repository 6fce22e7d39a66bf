import { x86 } from '@hwbp/arch-x86';
import test from 'ava';
import fc from 'fast-check';
import { check } from './support/check.js';
import { EventDriver } from './support/event-driver.js';
import { eventPrograms } from './support/event-programs.js';
import type { EventSetup } from './support/event-setup.js';
import { fakeArch } from './support/fake-arch.js';

const SETUPS: Readonly<Record<string, EventSetup>> = {
  "Linux's accounting on x86": {
    arch: x86,
    accounting: 'linux',
    exclusiveBreakpoints: false,
    cpus: 2,
    counters: 1,
  },
  'flexible breakpoints on x86': {
    arch: x86,
    accounting: 'flexible',
    exclusiveBreakpoints: false,
    cpus: 2,
    counters: 2,
  },
  'flexible breakpoints on 2 registers': {
    arch: () => fakeArch({ data: 2, instruction: 2, shared: true }),
    accounting: 'flexible',
    exclusiveBreakpoints: false,
    cpus: 2,
    counters: 1,
  },
  'exclusive breakpoints on 2 data registers and 1 for instructions': {
    arch: () => fakeArch({ data: 2, instruction: 1, shared: false }),
    accounting: 'flexible',
    exclusiveBreakpoints: true,
    cpus: 3,
    counters: 1,
  },
};
const COMMON = ['ok', 'EINVAL', 'EOPNOTSUPP', 'ESRCH', 'ENODEV', 'ACTIVE', 'INACTIVE', 'OFF', 'EXIT'];
/** Runs of each setup, with hardware that works and with hardware that breaks down. */
const RUNS = 100;

for (const [name, setup] of Object.entries(SETUPS)) {
  for (const faults of [false, true]) {
    const what = faults ? `${name} that breaks down` : name;
    test(`random event programs do what a slow and obvious model of perf events does: ${what}`, (t) => {
      const seen = new Map<string, number>();
      const property = fc.property(eventPrograms(faults), ({ texts, operations }) => {
        const driver = new EventDriver(setup, texts);
        for (const operate of operations) operate(driver);
        driver.end();
        for (const each of driver.seen) seen.set(each, (seen.get(each) ?? 0) + 1);
      });
      check(t, property, RUNS);
      for (const each of faults ? [...COMMON, 'ERROR'] : COMMON) {
        t.true((seen.get(each) ?? 0) > RUNS / 10, `the operations were chosen so that ${each} is common`);
      }
    });
  }
}
