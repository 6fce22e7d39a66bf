import test from 'ava';
import fc from 'fast-check';
import { check } from './support/check.js';
import { PriorityChaos } from './support/priority-chaos.js';
import { PRIORITY_STEPS } from './support/priority-steps.js';

for (const counts of ['exact', 'maximum'] as const) {
  for (const scheduler of ['direct', 'events'] as const) {
    for (const slots of [
      { data: 1, instruction: 1, shared: true },
      { data: 4, instruction: 4, shared: true },
      { data: 2, instruction: 1, shared: false },
    ]) {
      const registers = slots.shared ? `${slots.data} shared` : `${slots.data} + ${slots.instruction}`;
      test(`random requests, exits, forks and CPUs against a slow model: ${registers}, ${counts}, ${scheduler}`, (t) => {
        const property = fc.property(PRIORITY_STEPS, (script) => {
          const chaos = new PriorityChaos(slots, counts, scheduler);
          for (const one of script) chaos.act(one);
          chaos.end();
        });
        check(t, property, 40);
      });
    }
  }
}
