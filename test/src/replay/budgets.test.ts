import { execFileSync } from 'node:child_process';
import { truncateSync } from 'node:fs';
import { ProgramSymbols, readElf } from '@hwbp/cli';
import test from 'ava';
import type { CliResult } from './in-process.js';
import { BIN, hwbp, nodeProcess, scratch } from './run-cli.js';
import { tinyElf } from './tiny-elf.js';

const little = { wide: true, little: true } as const;

test('a program is a file of at most 512 MiB: devices, pipes and sparse files are refused, and it is said why', async (t) => {
  const file = scratch(t);
  const trace = file('trace', 'I  00001000,4\n');
  const sparse = file('sparse', tinyElf({ ...little, symbols: [] }));
  truncateSync(sparse, 2 ** 30);
  const pipe = `${trace}.pipe`;
  execFileSync('mkfifo', [pipe]);
  for (const [elf, said] of [
    ['/dev/zero', /no regular file/],
    [pipe, /no regular file/],
    [sparse, /1073741824 bytes, over the budget of 536870912 \(512 MiB\)/],
  ] as const) {
    const { code, stderr } = await hwbp(['replay', trace, '--elf', elf, '--watch', '0x1000/4:w']);
    t.is(code, 2, elf);
    t.regex(stderr, said);
  }
});

test('segments that overlap are no way to fill the memory', (t) => {
  const plain = tinyElf({ ...little, symbols: [] });
  const headers = 64;
  const bytes = new Uint8Array(plain.length + headers * 56);
  bytes.set(plain);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(32, BigInt(plain.length), true);
  view.setUint16(54, 56, true);
  view.setUint16(56, headers, true);
  for (let i = 0; i < headers; i++) {
    const at = plain.length + i * 56;
    view.setUint32(at, 1, true);
    view.setBigUint64(at + 16, BigInt(i) << 24n, true);
    view.setBigUint64(at + 32, BigInt(bytes.length), true);
    view.setBigUint64(at + 40, BigInt(bytes.length), true);
  }
  t.throws(() => readElf(bytes), { message: /segments load \d+ bytes of a file of \d+, over the budget of 4 times/ });
});

test('names made to be looked at again and again: each is read once, and told as before', (t) => {
  const long = 60_000;
  const names = [`f${')[clone '.repeat(long / 8)}`, `f${'@'.repeat(long)}\n`, `f${') '.repeat(long / 2)}x`];
  const symbols = names.map((name, i) => ({ name, value: BigInt(0x1000 + 16 * i), size: 16n, type: 2 }));
  // Each is written as something else than its name: only then is it looked at for parameters.
  const table = new ProgramSymbols(readElf(tinyElf({ ...little, symbols })), 0n, (name) => `${name} `);
  t.true([...table.names()].length >= 3);
  t.is(table.placeless(`x${'@'.repeat(long)}\n`), undefined);
  for (const [written, short] of [
    ['Ledger<int>::add(int) const', 'Ledger<int>::add'],
    ['f(int (*)(char)) volatile &&', 'f'],
    ['g(int) [clone .cold] [clone .0]', 'g'],
    ['h() &', 'h'],
  ] as const) {
    const one = readElf(tinyElf({ ...little, symbols: [{ name: 'm', value: 0x1000n, size: 4n, type: 2 }] }));
    t.is(new ProgramSymbols(one, 0n, () => written).named(short)[0]?.address, 0x1000n, written);
  }
});

test('20,000 symbols of one name, in a symbol that contains all: found, counted and listed in part', async (t) => {
  const file = scratch(t);
  const inner = Array.from({ length: 20_000 }, (_, i) => ({ name: 'same', value: BigInt(0x1001 + i), size: 1n }));
  const elf = file('elf', tinyElf({ ...little, symbols: [{ name: 'all', value: 0x1000n, size: 0x7000n }, ...inner] }));
  const trace = file('trace', 'I  00001000,4\n');
  const { code, stderr } = await hwbp(['replay', trace, '--elf', elf, '--watch', 'same:w']);
  t.is(code, 2);
  t.regex(stderr, /20000 symbols 'same'\n.*0x1001 \(1 bytes\), .* and 19980 more\n/);
  const table = new ProgramSymbols(
    readElf(tinyElf({ ...little, symbols: [{ name: 'all', value: 0x1000n, size: 0x7000n }, ...inner] })),
  );
  t.is(table.resolve(0x1001n)?.symbol.name, 'same');
  t.is(table.resolve(0x7000n)?.symbol.name, 'all');
  t.is(table.resolve(0x8000n), undefined);
});

test('130,000 sites, in a heap of 256 MiB: the rarest 1,000 are shown, and how many there are more; --json has all', async (t) => {
  const sites = 130_000;
  const line = (_: unknown, i: number): string => `I  ${(0x10_0000 + 4 * i).toString(16)},4\n S 1000,4\n`;
  const trace = scratch(t)('trace', Array.from({ length: sites }, line).join(''));
  // In a process of its own: one that runs out of memory ends, and in this one it would be all tests of the file.
  const replay = (...args: readonly string[]): Promise<CliResult> =>
    nodeProcess(['--max-old-space-size=256', BIN, 'replay', trace, '--watch', '0x1000/4:w', ...args]);
  const { code, stdout, stderr } = await replay();
  t.is(code, 0, stderr);
  t.regex(stdout, /130,000 hits at 130,000 sites/);
  t.regex(stdout, /\.\.\. and 129,000 sites more, no rarer than these/);
  t.regex(stdout, /\.\.\. and 129,900 rare sites more of 0x1000/);
  const json = await replay('--json');
  t.is(json.code, 0, json.stderr);
  // Its last line; the others are a hit each.
  const lines = json.stdout.trimEnd();
  t.is(JSON.parse(lines.slice(lines.lastIndexOf('\n') + 1)).sites.length, sites);
});

test('stat --exact with 200 events, each on a register of its own', async (t) => {
  const events = Array.from({ length: 200 }, (_, i) => `mem:0x${(0x1000 + 8 * i).toString(16)}/4:w`);
  const trace = scratch(t)('trace', 'I  00400000,4\n S 00001000,4\n S 00001008,4\n S 00001638,4\n');
  const { code, stdout } = await hwbp([
    'stat',
    '--exact',
    '--json',
    '--policy',
    'flexible',
    '-e',
    events.join(','),
    '--',
    trace,
  ]);
  t.is(code, 0);
  const exact = stdout
    .trimEnd()
    .split('\n')
    .map((text) => JSON.parse(text).exact as number);
  t.is(exact.length, 200);
  t.deepEqual([exact[0], exact[1], exact[2], exact[199]], [1, 1, 0, 1]);
});
