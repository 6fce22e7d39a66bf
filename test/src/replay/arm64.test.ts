import { readFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import test from 'ava';
import { hwbp, parseJson } from './run-cli.js';
import { touches } from './touches.js';

/** From test/dist/replay. */
const METERS = path.join(import.meta.dirname, '../../../examples/meters');
const TRACE = path.join(METERS, 'meters.trace.gz');
const ELF = path.join(METERS, 'meters');
const READINGS = 0x40_2050;
const BILLED = 0x40_2058;
const PULSES = 0x40_2068;

const text = gunzipSync(readFileSync(TRACE)).toString('utf8');
const replay = (...args: readonly string[]) => hwbp(['replay', TRACE, '--elf', ELF, ...args, '--json']);

const WATCHES = [
  ['billed:w', 'S', BILLED, 8],
  ['billed:r', 'L', BILLED, 8],
  ['billed+2/3:w', 'S', BILLED + 2, 3],
  ['readings+3/5:rw', 'LS', READINGS + 3, 5],
  ['pulses:rw', 'LS', PULSES, 4],
  ['pulses+1/2:w', 'S', PULSES + 1, 2],
] as const;

for (const cpu of ['cortex-a57', 'neoverse-n1', 'fewest', 'most'] as const) {
  test(`a real arm64 program on ${cpu}: every hit that the trace has, and no other`, async (t) => {
    for (const [watch, kinds, first, length] of WATCHES) {
      const { code, stdout, stderr } = await replay('--watch', watch, '--arch', 'arm64', '--cpu', cpu);
      t.is(stderr, '');
      t.is(code, 0);
      const { hits } = parseJson(stdout);
      const expected = touches(text, kinds, first, length);
      t.true(expected.length > 5, watch);
      t.deepEqual(
        hits.map(({ step, pc }) => ({ step, pc: Number(pc) })),
        expected,
        watch,
      );
    }
  });
}

test('the culprit: clear() stores a pair, twice behind the last meter', async (t) => {
  const args = ['--watch', 'billed:w', '--watch', 'clear:x', '--arch', 'arm64'];
  const { stdout } = await hwbp(['replay', TRACE, '--elf', ELF, ...args]);
  t.regex(stdout, /arm64, 1 CPU of 4 data registers and 6 instruction registers/);
  t.regex(stdout, /clear\+0x0 +w +2 +1\.1 % .*<-- rare/);
  t.regex(stdout, /DBGWVR0 +0x402058 +billed/);
  t.regex(stdout, /DBGBVR0 +0x400164 +clear +x +4 +replay +14\n/);
  t.regex(stdout, /CPU 0: MDSCR_EL1 0x0000a000/);
});

test('a store-exclusive stores, and loads nothing', async (t) => {
  const { stdout } = await replay('--watch', 'pulses:r', '--watch', 'pulses:w', '--arch', 'arm64');
  const { hits } = parseJson(stdout);
  const places = new Map<string, Set<string>>();
  for (const { watch, pc } of hits) places.set(watch, (places.get(watch) ?? new Set()).add(String(Number(pc))));
  t.deepEqual([...(places.get('pulses:r') ?? [])], [String(0x40_00f8)]);
  t.deepEqual([...(places.get('pulses:w') ?? [])], [String(0x40_0100)]);
});

const REFUSED = [
  [['--arch', 'arm64', '--cpu', 'power8', '--watch', 'billed:w'], /no CPU 'power8'.*\n.*cortex-a57, neoverse-n1, fewest/],
  [['--arch', 'arm64', '--watch', 'readings+3/6:w'], /cross a multiple of 8.*\n.*readings\+3\/5:w/],
  [['--arch', 'arm64', '--watch', 'meters/16:w'], /use a length of 1 to 8/],
  [
    ['--arch', 'arm64', '--cpu', 'fewest', ...['billed:w', 'clear:x', 'owed:w', 'pulses:w'].flatMap((w) => ['-w', w])],
    /pulses:w: no debug register is left: arm64 has 2 on each CPU, all taken:\n.*billed:w.*\n.*owed:w.*\nleave one/,
  ],
] as const;

for (const [args, complaint] of REFUSED) {
  test(`refused, saying what to write instead: ${args.join(' ')}`, async (t) => {
    const { code, stderr, stdout } = await replay(...args);
    t.is(code, 2);
    t.is(stdout, '');
    t.regex(stderr, complaint);
  });
}
