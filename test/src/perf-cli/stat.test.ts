import test from 'ava';
import { ELF, expected, hwbp, TRACE } from '../replay/run-cli.js';

interface StatLine {
  readonly 'counter-value': string;
  readonly unit: string;
  readonly event: string;
  readonly 'event-runtime': number;
  readonly 'pcnt-running': number;
  readonly raw: number;
  readonly exact?: number;
}

const lines = (stdout: string): StatLine[] =>
  stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

test('the columns of perf stat, with what is not supported and why', async (t) => {
  const events = 'mem:vault_total:w,mem:vault_total:r,mem:0x404391/2:w,task-clock,mem:turnover:rw:k';
  const { code, stdout } = await hwbp(['stat', '-e', events, '--elf', ELF, '--', TRACE]);
  t.is(code, 0);
  t.is(
    stdout,
    `
 Performance counter stats for '${TRACE}':

             3,513      mem:vault_total:w
   <not supported>      mem:vault_total:r
   <not supported>      mem:0x404391/2:w
           1339.32 msec task-clock
                 0      mem:turnover:rw:k

  mem:vault_total:r: bp_type 1: x86 watches writes (2), reads and writes (3) or execution (4); for reads use 3
  mem:0x404391/2:w: address 0x404391 is not a multiple of the length 2: use 0x404390 or a shorter length

       1.339322000 seconds of the kernel's time elapsed
`,
  );
});

test('--json: the keys of perf stat -j, and the exact count; tasks are added up', async (t) => {
  const events = '{mem:0x404390/4:w,mem:0x404040/8:w},mem:0x4011a1:x,cpu-clock,dummy';
  const { stdout } = await hwbp(['stat', '-e', events, '--exact', '--json', '--tasks', '2', '--cpus', '2', TRACE]);
  t.deepEqual(
    lines(stdout).map(({ event, raw, exact, unit, ...rest }) => [
      event,
      raw,
      exact,
      unit,
      rest['counter-value'],
      rest['pcnt-running'],
    ]),
    [
      ['mem:0x404390/4:w', 7026, 7026, '', '7026.000000', 100],
      ['mem:0x404040/8:w', 7020, 7020, '', '7020.000000', 100],
      ['mem:0x4011a1:x', 376, 376, '', '376.000000', 100],
      ['cpu-clock', 2_678_644_000, undefined, 'msec', '2678.644000', 100],
      ['dummy', 0, undefined, '', '0.000000', 100],
    ],
  );
});

test('an event that never has a register is not counted', async (t) => {
  const { stdout } = await hwbp(['stat', '-e', 'cs:k', '-e', 'dummy', TRACE]);
  t.regex(stdout, /^ +\d+ +cs:k$/m);
});

test('more watches than registers: who holds them, and what would help', async (t) => {
  const events = [0, 8, 16, 24, 32].map((offset) => `mem:fees_by_month+${offset}/8:w`).join(',');
  const { code, stdout, stderr } = await hwbp(['stat', '-e', events, '--elf', ELF, TRACE]);
  t.is(code, 2);
  t.is(stdout, '');
  t.regex(stderr, /-e mem:fees_by_month\+32\/8:w: no debug register is free .* 4 of 4 are taken by perf/);
  t.regex(stderr, /let them take turns: --policy flexible/);
});

/** 40 variables of the example, each with the access that it is watched for. */
const FORTY = [
  ...[0, 8, 16, 24, 32, 40].map((offset) => `mem:fees_by_month+${offset}/8:w`),
  ...['vault_total', 'turnover', 'slips_posted', 'slips_refused', 'today', 'branch_open', 'lcg'].map(
    (name) => `mem:${name}:w`,
  ),
  ...Array.from({ length: 27 }, (_, account) => `mem:accounts+${24 * account}/8:rw`),
];

test('40 variables on 4 registers: each has its share of the time, and the estimates come near the exact counts', async (t) => {
  t.is(FORTY.length, 40);
  const args = ['stat', '--policy', 'flexible', '-e', FORTY.join(','), '--elf', ELF];
  const counts = lines((await hwbp([...args, '--exact', '--json', TRACE])).stdout);
  t.deepEqual(
    counts.map(({ event }) => event),
    FORTY,
  );
  const shares = counts.map((count) => count['pcnt-running']);
  const total = shares.reduce((sum, share) => sum + share, 0);
  t.true(total > 399 && total < 401, `${total} % of the time on 4 registers`);
  for (const [i, share] of shares.entries()) t.true(share > 8 && share < 12, `${FORTY[i]}: ${share} %`);
  for (const { event, exact = -1, raw, ...rest } of counts) {
    const scaled = Number(rest['counter-value']);
    t.true(raw <= exact, event);
    if (raw >= 100) t.true(Math.abs(scaled - exact) < 0.2 * exact, `${event}: ${scaled} for ${exact}`);
  }
  const known = expected.watches
    .filter(({ mode }) => mode === 'w')
    .filter(({ symbol }) => FORTY.includes(`mem:${symbol}:w`));
  t.true(known.length > 3);
  for (const { symbol, total: hits } of known) {
    t.is(counts.find(({ event }) => event === `mem:${symbol}:w`)?.exact, hits, symbol);
  }
});

test('under the flexible policy a pinned event keeps its register, and its count is no estimate', async (t) => {
  const events = ['mem:vault_total:w:D', ...FORTY.filter((event) => event !== 'mem:vault_total:w').slice(0, 8)];
  const { stdout } = await hwbp(['stat', '--policy', 'flexible', '-e', events.join(','), '--elf', ELF, TRACE]);
  t.regex(stdout, /^ {13}3,513 {6}mem:vault_total:w:D$/m);
  t.regex(stdout, /^ +[\d,]+ +mem:turnover:w {8,}\( ?\d\d\.\d\d%\) \+- +\d+\.\d%$/m);
  t.is(stdout.match(/%\)/g)?.length, 8);
});

test('a group that is larger than the registers is not counted, and says why; the rest is', async (t) => {
  const group = `{${FORTY.slice(0, 5).join(',')}}`;
  const { stdout } = await hwbp([
    'stat',
    '--policy',
    'flexible',
    '-e',
    `${group},mem:vault_total:w`,
    '--elf',
    ELF,
    TRACE,
  ]);
  t.is(stdout.match(/<not counted>/g)?.length, 5);
  t.regex(stdout, /mem:fees_by_month\+0\/8:w: a group goes on as a whole or not at all/);
  t.regex(stdout, /^ +3,513 +mem:vault_total:w$/m);
});

test('instructions are those that the trace has, of the modes that the event counts', async (t) => {
  const events = 'instructions,instructions:u,instructions:k,{mem:vault_total:w,instructions:u}';
  const { code, stdout, stderr } = await hwbp(['stat', '--json', '-e', events, '--elf', ELF, TRACE]);
  t.is(code, 0, stderr);
  const { I } = expected.lines;
  t.deepEqual(
    lines(stdout).map(({ event, 'counter-value': value }) => [event, Number(value)]),
    [
      ['instructions', I],
      ['instructions:u', I],
      ['instructions:k', 0],
      ['mem:vault_total:w', 3513],
      ['instructions:u', I],
    ],
  );
});

test('hardware events that nothing here counts are refused with those that there are', async (t) => {
  for (const event of ['cycles', 'branches:u', 'Instructions', 'cpu/instructions/']) {
    const { code, stderr } = await hwbp(['stat', '-e', event, '--elf', ELF, TRACE]);
    t.is(code, 2, event);
    t.regex(stderr, /there is no event '\w+': known are .*, instructions, /);
  }
});

test('five pinned events cannot take turns', async (t) => {
  const pinned = FORTY.slice(0, 5).map((event) => `${event}:D`);
  const { code, stderr } = await hwbp(['stat', '--policy', 'flexible', '-e', pinned.join(','), '--elf', ELF, TRACE]);
  t.is(code, 2);
  t.regex(stderr, /4 of 4 are taken/);
  t.regex(stderr, /leave the modifier D out of some events/);
});
