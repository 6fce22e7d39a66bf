import test from 'ava';
import fc from 'fast-check';
import { plantedPriorities } from '../contract/mutants/displacing.js';
import { PriorityChaos } from './support/priority-chaos.js';
import { PRIORITY_STEPS } from './support/priority-steps.js';

for (const { name, create } of plantedPriorities) {
  test(`the slow model finds it: ${name}`, (t) => {
    const property = fc.property(PRIORITY_STEPS, (script) => {
      const chaos = new PriorityChaos({ data: 2, instruction: 1, shared: false }, 'exact', 'direct', create);
      for (const one of script) chaos.act(one);
      chaos.end();
    });
    const details = fc.check(property, { seed: 20070201, numRuns: 200, endOnFailure: true });
    t.true(details.failed, 'every sequence passes, although a fault is planted');
  });
}
