import { gzipSync } from 'node:zlib';
import test from 'ava';
import { ELF, hwbp, hwbpProcess, hwbpUnread, parseJson, scratch, TRACE, traceText } from './run-cli.js';

const ASKED = [
  '--elf',
  ELF,
  '--watch',
  'vault_total:rw',
  '--watch',
  'charge_fee:x',
  '--cpus',
  '2',
  '--tasks',
  '3',
  '--json',
];

test('gzip, plain, standard input, several gzip members: the same bytes of --json', async (t) => {
  const file = scratch(t);
  const text = traceText();
  const half = text.length >> 1;
  const members = Buffer.concat([gzipSync(text.subarray(0, half)), gzipSync(text.subarray(half))]);
  const zipped = await hwbp(['replay', TRACE, ...ASKED]);
  t.is(zipped.code, 0);
  t.is(parseJson(zipped.stdout).summary.hits, 3 * (3515 + 188));
  const others = [
    await hwbp(['replay', file('ledger.trace', text), ...ASKED]),
    await hwbp(['replay', file('misnamed.txt', members), ...ASKED]),
    await hwbpProcess(['replay', '-', ...ASKED], text),
    await hwbpProcess(['replay', '-', ...ASKED], gzipSync(text)),
  ];
  for (const { code, stdout, stderr } of others) {
    t.is(stderr, '');
    t.is(code, 0);
    t.true(stdout === zipped.stdout);
  }
});

test('K tasks on N CPUs: task k on CPU k mod N, each with its own steps', async (t) => {
  const { stdout } = await hwbp([
    'replay',
    TRACE,
    '--elf',
    ELF,
    '--watch',
    'vault_total:w',
    '--cpus',
    '3',
    '--tasks',
    '7',
    '--json',
  ]);
  const { hits, summary } = parseJson(stdout);
  t.deepEqual(
    summary.tasks.map(({ cpu }) => cpu),
    [0, 1, 2, 0, 1, 2, 0],
  );
  t.true(summary.tasks.every(({ comm }) => comm === 'ledger'));
  const steps = new Set(
    summary.tasks.map(({ pid }) =>
      hits
        .filter((hit) => hit.pid === pid)
        .map(({ step }) => step)
        .join(),
    ),
  );
  t.is(steps.size, 1);
  t.is(summary.registers.find(({ cpu }) => cpu === 2)?.hits, 2 * 3513);
});

test('a reader that goes away ends the command quietly', async (t) => {
  for (const mode of ['--json', '--all']) {
    const { code, stderr } = await hwbpUnread([
      'replay',
      TRACE,
      '--elf',
      ELF,
      '--watch',
      'turnover:rw',
      'today:rw',
      mode,
    ]);
    t.is(stderr, '');
    t.is(code, 0);
  }
});

test('lines that are none of the four are counted and skipped, wherever they are', async (t) => {
  const text = '\u0000binary\n\nI  00000400,4\r\n S 00001000,4\nhello world\n L zz,4\n S 1000,0\nI  00000404,4';
  const { code, stdout } = await hwbp(['replay', '-', '--watch', '0x1000/4:w', '--json'], Buffer.from(text));
  t.is(code, 0);
  const { hits, summary } = parseJson(stdout);
  t.deepEqual(summary.lines, { I: 2, L: 0, S: 1, M: 0, other: 5 });
  t.like(hits[0], { step: 1, pc: '0x400', ip: '0x404', symbol: null });
});

test('a trace without hits is a success', async (t) => {
  const { code, stdout } = await hwbp(['replay', '-', '--watch', '0x1000:rw'], Buffer.from('I  00000400,4\n'));
  t.is(code, 0);
  t.regex(stdout, /0x1000:rw {2}no hits/);
});
