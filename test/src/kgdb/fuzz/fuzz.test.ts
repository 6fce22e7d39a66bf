import { arm64 } from '@hwbp/arch-arm64';
import { ppc64 } from '@hwbp/arch-ppc64';
import test from 'ava';
import { fuzz } from './fuzz.js';

test('100,000 random and mutated packets: nothing crashes, leaks, grows without bound or is stuck', (t) => {
  const stops = fuzz(20_091_108, 100_000);
  t.true(stops > 500, `targets ran and stopped: ${stops}`);
});

test('20,000 of them on ppc64, where a hit is reported before the access', (t) => {
  const stops = fuzz(20_091_124, 20_000, () => ppc64({ cpu: 'power10' }));
  t.true(stops > 100, `targets ran and stopped: ${stops}`);
});

test('20,000 of them on arm64, with a pool for data and one for execution', (t) => {
  const stops = fuzz(20_091_125, 20_000, () => arm64());
  t.true(stops > 100, `targets ran and stopped: ${stops}`);
});
