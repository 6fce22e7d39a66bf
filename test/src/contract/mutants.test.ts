import { collectCases } from '@hwbp/testkit';
import test from 'ava';
import { faithful, mutants } from './mutants/index.js';
import type { Mutant } from './mutants/mutant.js';

for (const { name, declare } of faithful) {
  test(`passes: ${name}`, (t) => {
    const { passed, failed } = collectCases(declare);
    t.deepEqual(failed, []);
    t.true(passed.length > 10);
  });
}

/** Only the cases that must find a mutant are run: what the others make of it is of no interest, and takes a minute. */
function only(ids: readonly string[], declare: Mutant['declare']): Mutant['declare'] {
  return (run) =>
    declare((title, body) => {
      if (ids.some((id) => title.endsWith(`: ${id}`))) run(title, body);
    });
}

for (const { name, kills, declare } of mutants) {
  test(`is found: ${name}`, (t) => {
    const { results, passed } = collectCases(only(kills, declare));
    for (const id of kills) {
      t.true(
        results.some((result) => result.id === id),
        `there is no case '${id}'`,
      );
    }
    t.deepEqual(
      kills.filter((id) => results.every((result) => result.id !== id || result.error === undefined)),
      [],
      `these pass, although they should fail: ${passed.join(', ')}`,
    );
    t.not(kills.length, 0);
  });
}

test('every mutant has a name of its own', (t) => {
  t.is(new Set(mutants.map(({ name }) => name)).size, mutants.length);
  t.true(mutants.length >= 70);
});
