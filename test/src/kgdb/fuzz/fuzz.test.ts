import test from 'ava';
import { fuzz } from './fuzz.js';

test('100,000 random and mutated packets: nothing crashes, leaks, grows without bound or is stuck', (t) => {
  const stops = fuzz(20_091_108, 100_000);
  t.true(stops > 500, `targets ran and stopped: ${stops}`);
});
