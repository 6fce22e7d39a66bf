import { collectCases } from '@hwbp/testkit';
import test from 'ava';
import { faithful, mutants } from './mutants/index.js';

for (const { name, declare } of faithful) {
  test(`passes: ${name}`, (t) => {
    const { passed, failed } = collectCases(declare);
    t.deepEqual(failed, []);
    t.true(passed.length > 10);
  });
}

for (const { name, kills, declare } of mutants) {
  test(`is found: ${name}`, (t) => {
    const { results, failed } = collectCases(declare);
    for (const id of kills) {
      t.true(
        results.some((result) => result.id === id),
        `there is no case '${id}'`,
      );
      t.true(failed.includes(id), `'${id}' passes, although it should fail; these fail: ${failed.join(', ')}`);
    }
    t.not(kills.length, 0);
  });
}

test('every mutant has a name of its own', (t) => {
  t.is(new Set(mutants.map(({ name }) => name)).size, mutants.length);
  t.true(mutants.length >= 70);
});
