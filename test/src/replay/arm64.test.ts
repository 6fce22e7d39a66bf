import { readFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import test from 'ava';
import { everyHit } from './every-hit.js';
import { hwbp, parseJson, scratch } from './run-cli.js';

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
    await everyHit(t, text, WATCHES, (watch) => replay('--watch', watch, '--arch', 'arm64', '--cpu', cpu));
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

test('stat and record count and sample what the trace has, of both pools at once', async (t) => {
  const events = ['-e', 'mem:billed:w,mem:pulses:r,mem:meters+8:w,mem:owed:w,mem:clear:x,mem:use:x', '--elf', ELF];
  const stat = await hwbp(['stat', ...events, '--arch', 'arm64', '--', TRACE]);
  t.is(stat.code, 0, stat.stderr);
  for (const [count, event] of [
    ['182', 'mem:billed:w'],
    ['1,080', 'mem:pulses:r'],
    ['14', 'mem:clear:x'],
    ['1,080', 'mem:use:x'],
  ] as const)
    t.regex(stat.stdout, new RegExp(`^ +${count} +${event}$`, 'm'));
  const file = scratch(t)('perf.data', '');
  const record = await hwbp(['record', ...events, '--arch', 'arm64', '--cpu', 'most', '-o', file, '--', TRACE]);
  t.is(record.code, 0, record.stderr);
  t.true(readFileSync(file).includes('simulated Armv8 of the most registers'));
});

test('one of two events that one instruction hits is not told of it under perf, as on Linux, and both in a replay', async (t) => {
  // The pair that clear() stores: the kernel steps over it with every watchpoint of the task off.
  const perf = ['-e', 'mem:readings:w,mem:billed:w', '--elf', ELF, '--arch', 'arm64', '--', TRACE];
  const { stdout } = await hwbp(['stat', ...perf]);
  t.regex(stdout, /182 +mem:readings:w\n +180 +mem:billed:w\n/);
  const { summary } = parseJson((await replay('-w', 'readings:w', '-w', 'billed:w', '--arch', 'arm64')).stdout);
  t.is(summary.hits, 2 * 182);
});

const REFUSED = [
  [
    ['--arch', 'arm64', '--cpu', 'power8', '--watch', 'billed:w'],
    /no CPU 'power8'.*\n.*cortex-a57, neoverse-n1, fewest/,
  ],
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
