import { x86 } from '@hwbp/arch-x86';
import test from 'ava';
import fc from 'fast-check';
import { eventMutants } from './mutants/events.js';
import { EventDriver } from './support/event-driver.js';
import { eventPrograms } from './support/event-programs.js';
import type { EventSetup } from './support/event-setup.js';

const SOUND: EventSetup = { arch: x86, accounting: 'flexible', exclusiveBreakpoints: false, cpus: 2, counters: 1 };

/** How many random programs it takes to find what is wrong; `undefined`: they do not find it. */
function programsUntilFound(setup: EventSetup): number | undefined {
  const property = fc.property(eventPrograms(true), ({ texts, operations }) => {
    const driver = new EventDriver(setup, texts);
    for (const operate of operations) operate(driver);
    driver.end();
  });
  const { failed, numRuns } = fc.check(property, { numRuns: 400, seed: 20091108, endOnFailure: true });
  return failed ? numRuns : undefined;
}

test('nothing is found in the engine as it is', (t) => {
  t.is(programsUntilFound(SOUND), undefined);
});

for (const { name, setup } of eventMutants) {
  test(`is found: ${name}`, (t) => {
    const programs = programsUntilFound({ ...SOUND, ...setup });
    t.not(programs, undefined);
    t.log(`by program ${programs}`);
  });
}
