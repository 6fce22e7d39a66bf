import { readFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import test from 'ava';
import { everyHit } from './every-hit.js';
import { hwbp, parseJson } from './run-cli.js';
import { touches } from './touches.js';

/** From test/dist/replay. */
const PANEL = path.join(import.meta.dirname, '../../../examples/panel');
const TRACE = path.join(PANEL, 'panel.trace.gz');
const ELF = path.join(PANEL, 'panel');
const LAMP = 0x1000_1010;

const text = gunzipSync(readFileSync(TRACE)).toString('utf8');
const replay = (...args: readonly string[]) => hwbp(['replay', TRACE, '--elf', ELF, ...args, '--json']);

const WATCHES = [
  ['lamp:w', 'S', LAMP, 1],
  ['lamp:rw', 'LS', LAMP, 1],
  ['mode:w', 'S', LAMP + 1, 1],
  ['level:r', 'L', LAMP + 2, 2],
  ['ticks:rw', 'LS', LAMP + 4, 4],
  ['lamp/8:w', 'S', LAMP, 8],
] as const;

for (const cpu of ['power7', 'power8', 'power10'] as const) {
  test(`a real ppc64 program on ${cpu}: every hit that the trace has, and no other`, async (t) => {
    await everyHit(t, text, WATCHES, (watch) => replay('--watch', watch, '--arch', 'ppc64', '--cpu', cpu));
  });
}

test('the culprit: show() writes one character too many, twice', async (t) => {
  const { stdout } = await hwbp(['replay', TRACE, '--elf', ELF, '--watch', 'lamp:w', '--arch', 'ppc64']);
  t.regex(stdout, /ppc64 power8, 1 CPU of 1 debug register/);
  t.regex(stdout, /show\+0x20 +w +2 +2\.7 % .*<-- rare/);
  t.regex(stdout, /DAWR +0x10001010 +lamp/);
  t.regex(stdout, /DAWRX0 0x0057/);
});

test('a range of the display and the doubleword behind it, in one register', async (t) => {
  const { stdout } = await replay('--watch', 'line/24:w', '--arch', 'ppc64', '--cpu', 'power8');
  t.is(parseJson(stdout).hits.length, touches(text, 'S', LAMP - 16, 24).length);
});

const REFUSED = [
  [['--arch', 'ppc64', '--cpu', 'power9', '--watch', 'lamp:w'], /no debug registers that can be used/],
  [['--arch', 'ppc64', '--cpu', 'power5', '--watch', 'lamp:w'], /no CPU 'power5'.*\n.*power7, power8/],
  [['--arch', 'x86', '--cpu', 'power8', '--watch', 'lamp:w'], /x86 has no CPUs to choose from/],
  [['--arch', 'ppc64', '--cpu', 'power7', '--watch', 'level+1/8:w'], /cross a multiple of 8.*\n.*level\+1\/5:w/],
  [['--arch', 'ppc64', '--watch', 'line/600:w'], /use a length of 1 to 512/],
  [['--arch', 'ppc64', '--watch', 'tick:x'], /cannot watch 'x', only r, w or rw/],
  [['--arch', 'ppc64', '--watch', 'lamp:w', '--watch', 'mode:w'], /ppc64 power8 has 1 on each CPU/],
] as const;

for (const [args, complaint] of REFUSED) {
  test(`refused, saying what to write instead: ${args.join(' ')}`, async (t) => {
    const { code, stderr, stdout } = await replay(...args);
    t.is(code, 2);
    t.is(stdout, '');
    t.regex(stderr, complaint);
  });
}
