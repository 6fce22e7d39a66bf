import test from 'ava';
import { fuzz, NAMES } from './fuzz.js';

/** Inputs in a test: a long run is a script's. */
const RUNS: Readonly<Record<string, number>> = {
  elf: 150,
  perf: 100,
  lackey: 150,
  events: 5000,
  transcript: 300,
  routines: 2000,
  schedule: 300,
  api: 200,
  rsp: 4000,
};

for (const name of NAMES) {
  test(`mutated inputs are accepted or refused in words, and nothing else happens: ${name}`, async (t) => {
    await t.notThrowsAsync(fuzz(name, 20_091_108, RUNS[name] ?? 100));
  });
}

test('a fuzzer that there is not is named', async (t) => {
  await t.throwsAsync(fuzz('xml', 1, 1), { instanceOf: TypeError, message: /there is no fuzzer 'xml': elf, / });
});
