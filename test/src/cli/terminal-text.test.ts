import { readFileSync } from 'node:fs';
import path from 'node:path';
import { harmless, visible } from '@hwbp/conform/text';
import test from 'ava';
import fc from 'fast-check';
import { conform, P, readScripts, Scratch } from '../conformance/support.js';
import { hwbp, hwbpProcess, nodeProcess, parseJson, ROOT, scratch } from '../replay/run-cli.js';
import { tinyElf } from '../replay/tiny-elf.js';

/** Clears the screen, sets a title, C1's CSI, turns text round, isolates it, ends the line, rings, deletes. */
const HOSTILE = 'x\x1b[2J\x1b]0;pwned\x07\x9b31m\u202egnp\u2066\u2028y\nhwbp: all is well\r\x7f';
const SHOWN = 'x\\x1b[2J\\x1b]0;pwned\\x07\\x9b31m\\u202egnp\\u2066\\u2028y\\nhwbp: all is well\\r\\x7f';
const OBEYED = /[^\n\t\P{Cc}]|\p{Bidi_Control}|\p{Zl}|\p{Zp}/u;

test('what a terminal obeys is written out; all other text is as it was', (t) => {
  t.is(visible(HOSTILE), SHOWN);
  t.is(visible('größe, 变量, 👩‍💻, café'), 'größe, 变量, 👩‍💻, café');
  t.is(
    harmless('a\tb\n\x1b[31mred\x1b[39m\x1b[8mhidden\x1b[2J', true),
    'a\tb\n\x1b[31mred\x1b[39m\\x1b[8mhidden\\x1b[2J',
  );
  t.is(harmless('\x1b[31mred'), '\\x1b[31mred');
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      t.notRegex(visible(text), OBEYED);
      t.false(visible(text).includes('\n'));
      t.notRegex(harmless(text), OBEYED);
      t.is(visible(visible(text)), visible(text));
    }),
  );
});

test('replay: names of symbols, programs and traces are harmless in its text and its hints; --json is exact', async (t) => {
  const file = scratch(t);
  const symbols = [
    { name: HOSTILE, value: 0x1000n, size: 4n },
    { name: `code${HOSTILE}`, value: 0x1100n, size: 64n, type: 2 },
    { name: `counter\x1b[2J`, value: 0x1200n, size: 4n },
  ];
  const elf = file('elf\x1b[2J\nname', tinyElf({ wide: true, little: true, symbols }));
  const trace = file('trace\x1b]0;t\x07\nname', 'I  00001100,4\n S 00001000,4\nI  00001104,4\n S 00001000,4\n');
  const watch = ['--watch', `0x1000/4:w`, '--elf', elf];
  const text = await hwbp(['replay', trace, ...watch]);
  t.notRegex(text.stdout, OBEYED);
  t.notRegex(text.stderr, OBEYED);
  t.true(text.stdout.includes(`code${SHOWN}+0x0`), text.stdout);
  t.notRegex(text.stdout, /^hwbp: all is well/m);
  const { hits } = parseJson((await hwbp(['replay', trace, ...watch, '--json'])).stdout);
  t.is(hits[0]?.symbol, `code${HOSTILE}+0x0`);
  for (const args of [
    ['replay', trace, '--watch', 'counte:w', '--elf', elf],
    ['replay', `no\nhwbp: fine${trace}`, '--watch', '0:w'],
    ['replay', trace, '--watch', `${HOSTILE}:q`],
    ['record', '-e', 'cs', '-o', `/nowhere/\x1b[2J\nhwbp: fine`, '--', trace],
    ['stat', '-e', 'mem:counte:w', '--elf', elf, '--', trace],
    ['run', 'no\x1b[2J\nhwbp: fine.ts'],
    ['debug', 'no\x1b[2J\nhwbp: fine'],
    ['conform', 'no\x1b[2J\nhwbp: fine'],
    [`--no\x1b[2J`],
  ]) {
    const { code, stdout, stderr } = await hwbp(args);
    t.true(code !== 0 && stderr !== '', args.join(' '));
    t.notRegex(stdout + stderr, OBEYED, JSON.stringify(args));
    t.notRegex(stderr, /^hwbp: fine/m);
  }
  const stat = await hwbp(['stat', '-e', 'cs', '--', trace]);
  t.notRegex(stat.stdout + stat.stderr, OBEYED);
});

test('conform: ids, fields, values and complaints are harmless with -v; --json is exact', async (t) => {
  using folder = new Scratch();
  const [script] = readScripts(P);
  const [first, ...others] = script?.steps ?? [];
  const differs = { ...script, id: HOSTILE, steps: [{ ...first, [HOSTILE]: HOSTILE }, ...others] };
  const malformed = { ...script, id: `m${HOSTILE}`, steps: [{ op: HOSTILE }] };
  const file = folder.write(
    'bad.jsonl',
    [differs, malformed].map((line) => JSON.stringify(line)).join('\n') +
      `\n{"${HOSTILE.replace('\n', '')}\n{"suite":"\\u001b[2J"}\n`,
  );
  const { code, stdout, stderr } = await conform('-v', file);
  t.is(code, 1);
  t.true(stdout.includes(SHOWN), stdout);
  t.notRegex(stdout, OBEYED);
  t.notRegex(stderr, OBEYED);
  t.notRegex(stdout + stderr, /^hwbp: all is well/m);
  const json = await conform('--json', file);
  t.is(JSON.parse(json.stdout.split('\n')[0] ?? '').id, HOSTILE);
});

test('record of this machine: names and errors are harmless', async (t) => {
  for (const args of [
    ['--output', '/nowhere/\x1b[2J\nrecord: fine'],
    ['--suite', 'P\x1b[2J\u202e'],
    ['--no\x9b2J\nrecord: fine'],
  ]) {
    const { code, stdout, stderr } = await nodeProcess([path.join(ROOT, 'recorder/dist/main.js'), ...args]);
    t.true(code !== 0 && /\\x1b\[2J|\\x9b2J/.test(stderr), `${args.join(' ')}: ${stderr}`);
    t.notRegex(stdout + stderr, OBEYED, JSON.stringify(args));
  }
});

test('run --xmon: lines of the history are harmless, as they are shown and as they are kept', async (t) => {
  const file = scratch(t)('history', `ls ${HOSTILE.replace('\n', '')}\nls spin\n`);
  const config = path.join(ROOT, 'examples/src/four-cpus/kernel.config.ts');
  const { code, stderr } = await hwbpProcess(['run', config, '--xmon', '--history', file], Buffer.from('b\nx\n'));
  t.is(code, 0, stderr);
  t.deepEqual(readFileSync(file, 'utf8').split('\n'), [`ls ${SHOWN.replace('\\n', '')}`, 'ls spin', 'b', 'x', '']);
});
