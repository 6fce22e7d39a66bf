import test from 'ava';
import { contend } from './contention.js';
import { KINDS } from './kinds.js';
import { PLANTED } from './planted.js';

const SEEDS = Array.from({ length: 40 }, (_, i) => i + 1);
/** Enough to show a defect. */
const FEW = SEEDS.slice(0, 10);

for (const [name, make] of Object.entries(KINDS)) {
  test(`${name}: one at a time and everybody in the end, whatever the schedule and the interrupts`, (t) => {
    for (const seed of SEEDS) {
      const { done, overlaps, lost, report } = contend(make, seed);
      t.deepEqual(
        { done, overlaps, lost, said: String(report) },
        { done: true, overlaps: 0, lost: 0, said: '' },
        `seed ${seed}`,
      );
    }
  });
}

for (const [name, { make, seen }] of Object.entries(PLANTED)) {
  test(`planted: ${name} is found`, (t) => {
    const outcomes = SEEDS.map((seed) => contend(make, seed));
    const found = outcomes.filter(({ done, overlaps }) => (seen === 'stuck' ? !done : overlaps > 0));
    t.true(found.length > 0, `${found.length} of ${outcomes.length} schedules show it`);
  });
}

test('planted: with interrupts on the report says so wherever the handler comes, and names the circle where it waits', (t) => {
  const { make } = PLANTED['interrupts that stay on'] as (typeof PLANTED)[string];
  const outcomes = FEW.map((seed) => contend(make, seed));
  const stuck = outcomes.filter(({ done }) => !done);
  t.true(stuck.length > 0);
  for (const { problems, deadlocks } of stuck) {
    t.true(problems.some(({ kind }) => kind === 'irq-unsafe'));
    const told = deadlocks.map(({ message }) => message).join('\n');
    t.regex(told, /(hardirq|softirq) on CPU \d waits for lock at spin_lock/);
    t.regex(told, /waits for (hardirq|softirq) on CPU \d, which has interrupted it/);
  }
});
