import { collectCases, type TestFunction } from '@hwbp/testkit';
import test from 'ava';
import { consumers } from './planted/consumers.js';
import { devices } from './planted/devices.js';
import { facets } from './planted/facets.js';
import type { Planted } from './planted/planted.js';
import { policies } from './planted/policies.js';
import { scheduling } from './planted/schedulers.js';
import { systemCalls } from './planted/system-calls.js';
import { taskSchedulers } from './planted/task-schedulers.js';
import { Planting } from './planted/with-defect.js';

const ALL: readonly Planted[] = [
  ...scheduling,
  ...policies,
  ...consumers,
  ...facets,
  ...systemCalls,
  ...devices,
  ...taskSchedulers,
];

/** Only what must find a defect is run. */
function only(ids: readonly string[], declare: (test: TestFunction) => void): (test: TestFunction) => void {
  return (run) =>
    declare((title, body) => {
      if (ids.some((id) => title.endsWith(`: ${id}`))) run(title, body);
    });
}

const planting = new Planting(ALL);
test.after.always(() => planting.end());

// One at a time: each has a copy of the sources of its own.
for (const planted of ALL) {
  const { name, file, suite, kills } = planted;
  test.serial(`is found: ${file}, ${suite}: ${name}`, async (t) => {
    const declare = (await planting.suitesWith(planted))[suite];
    if (declare === undefined) throw new TypeError(`there is no suite ${suite}`);
    const { results } = collectCases(only(kills, declare));
    t.deepEqual(
      results
        .filter(({ error }) => error !== undefined)
        .map(({ id }) => id)
        .sort(),
      [...kills].sort(),
      'cases that fail, and those that should',
    );
  });
}

test('there are defects of every kind', (t) => {
  t.true(ALL.length >= 150);
  for (const part of [scheduling, policies, consumers, facets, systemCalls, devices, taskSchedulers])
    t.true(part.length > 20);
});
