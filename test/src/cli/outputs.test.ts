import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { readPerfData } from '@hwbp/perf';
import test, { type ExecutionContext } from 'ava';
import { P, readScripts, Scratch } from '../conformance/support.js';
import { BIN, ELF, hwbp, hwbpProcess, ROOT, TRACE } from '../replay/run-cli.js';

const CONFIG = path.join(ROOT, 'examples/src/four-cpus/kernel.config.ts');

const shared = new Scratch();
test.after.always(() => shared[Symbol.dispose]());

/** The first scripts of suite P: what of them is played is none of this file's business. */
const FEW = shared.write('few.jsonl', readScripts(P).slice(0, 5));

/** A folder of its own for a test, so that what is left behind is seen. */
function folder(t: ExecutionContext): (name: string) => string {
  const directory = mkdtempSync(path.join(tmpdir(), 'hwbp-'));
  t.teardown(() => rmSync(directory, { recursive: true, force: true }));
  return (name) => path.join(directory, name);
}

const record = (output: string, ...traces: readonly string[]) =>
  hwbp(['record', '-e', 'mem:0x404390/4:w', '-o', output, '--', ...traces]);

/** Each command that writes, and how it is asked to write to a file. */
const WRITERS: readonly (readonly [name: string, args: (output: string) => readonly string[], input?: string])[] = [
  ['record -o', (output) => ['record', '-e', 'mem:0x404390/4:w', '-o', output, '--', TRACE]],
  ['replay --svg', (output) => ['replay', TRACE, '--watch', '0x404390/4:w', '--svg', output]],
  ['stat --trace-json', (output) => ['stat', '-e', 'mem:0x404390/4:w', '--trace-json', output, '--', TRACE]],
  ['run --html', (output) => ['run', CONFIG, '--budget', '100', '--html', output], ''],
  ['conform --emit', (output) => ['conform', '--emit', output, FEW]],
  ['run --history', (output) => ['run', CONFIG, '--xmon', '--budget', '100', '--history', output], 'b serve_0\nx\n'],
];

for (const [name, args, input = ''] of WRITERS) {
  const run = (output: string) => hwbp(args(output), Buffer.from(input));

  test(`${name}: what is planted under a name that can be guessed is not written to, and nothing is left`, async (t) => {
    const at = folder(t);
    writeFileSync(at('victim'), 'mine');
    for (const suffix of ['.partial', '.tmp', '~']) symlinkSync(at('victim'), `${at('out')}${suffix}`);
    t.is((await run(at('out'))).code, 0);
    t.is(readFileSync(at('victim'), 'utf8'), 'mine');
    t.true(lstatSync(at('out')).isFile());
    t.deepEqual(readdirSync(at('.')).sort(), ['out', 'out.partial', 'out.tmp', 'out~', 'victim']);
  });

  test(`${name}: a symbolic link is refused, to a file, to nothing and to itself`, async (t) => {
    const at = folder(t);
    writeFileSync(at('victim'), 'mine');
    for (const [link, target] of [
      ['file', 'victim'],
      ['nothing', 'nowhere'],
      ['itself', 'itself'],
    ] as const) {
      symlinkSync(at(target), at(link));
      const { code, stderr } = await run(at(link));
      t.is(code, 2, link);
      t.regex(stderr, /it is a symbolic link/);
    }
    t.is(readFileSync(at('victim'), 'utf8'), 'mine');
    t.deepEqual(readdirSync(at('.')).sort(), ['file', 'itself', 'nothing', 'victim']);
  });

  test(`${name}: permissions are kept, and another name of the file keeps what it had`, async (t) => {
    const at = folder(t);
    writeFileSync(at('out'), '');
    linkSync(at('out'), at('other'));
    chmodSync(at('out'), 0o600);
    t.is((await run(at('out'))).code, 0);
    t.is(statSync(at('out')).mode & 0o7777, 0o600);
    t.true(statSync(at('out')).size > 0);
    t.is(statSync(at('other')).size, 0);
  });

  test(`${name}: names that are too long, and paths in circles, are told and not thrown`, async (t) => {
    const at = folder(t);
    symlinkSync(at('circle'), at('circle'));
    for (const [output, said] of [
      [at('x'.repeat(300)), /ENAMETOOLONG/],
      [path.join(at('circle'), 'out'), /ELOOP/],
      [path.join(at('no'), 'where'), /ENOENT/],
      [at('.'), /directory/],
    ] as const) {
      const { code, stderr } = await run(output);
      t.is(code, 2);
      t.regex(stderr, said);
      t.notRegex(stderr, /a bug in hwbp|\n +at /);
    }
    t.deepEqual(readdirSync(at('.')), ['circle']);
  });
}

test('record and --history refuse pipes and devices, which stay what they are', async (t) => {
  const at = folder(t);
  execFileSync('mkfifo', [at('pipe')]);
  for (const output of [at('pipe'), '/dev/null', '/dev/stdout']) {
    const { code, stderr } = await record(output, TRACE);
    t.is(code, 2, output);
    t.regex(stderr, /no regular file|symbolic link/);
    t.is((await hwbpProcess(['run', CONFIG, '--xmon', '--history', output])).code, 2);
  }
  t.true(lstatSync(at('pipe')).isFIFO());
  t.true(lstatSync('/dev/null').isCharacterDevice());
});

test('conform --emit writes pipes and devices in place', async (t) => {
  const at = folder(t);
  execFileSync('mkfifo', [at('pipe')]);
  const reader = spawn('cat', [at('pipe')]);
  let text = '';
  reader.stdout.setEncoding('utf8').on('data', (piece: string) => {
    text += piece;
  });
  const closed = once(reader, 'close');
  t.is((await hwbp(['conform', '--emit', at('pipe'), FEW])).code, 0);
  await closed;
  t.is(text.trimEnd().split('\n').length, 5);
  t.true(lstatSync(at('pipe')).isFIFO());
  t.is((await hwbp(['conform', '--emit', '/dev/null', FEW])).code, 0);
  t.true(lstatSync('/dev/null').isCharacterDevice());
});

test('what is read is not written to, under whatever name', async (t) => {
  const at = folder(t);
  const bytes = readFileSync(TRACE);
  writeFileSync(at('T'), bytes);
  linkSync(at('T'), at('same'));
  writeFileSync(at('elf'), readFileSync(ELF));
  const scripts = readFileSync(FEW);
  writeFileSync(at('X'), scripts);
  writeFileSync(at('kernel.config.mjs'), 'export default {}');
  const piped = spawn(process.execPath, [BIN, 'record', '-e', 'cs', '-o', at('T'), '--', '-'], {
    stdio: [openSync(at('T'), 'r'), 'ignore', 'ignore'],
  });
  t.deepEqual(await once(piped, 'close'), [2, null]);
  for (const args of [
    ['record', '-e', 'cs', '-o', at('T'), '--', at('T')],
    ['record', '-e', 'cs', '-o', at('same'), '--', at('T')],
    ['record', '-e', 'cs', '-o', at('elf'), '--elf', at('elf'), '--', at('T')],
    ['conform', '--emit', at('X'), at('X')],
    ['conform', '--emit', at('X'), FEW, at('X')],
    ['run', CONFIG, '--xmon', '--history', CONFIG],
  ]) {
    const { code, stderr } = await hwbp(args);
    t.is(code, 2, args.join(' '));
    t.regex(stderr, /it is read as well/);
  }
  t.true(readFileSync(at('T')).equals(bytes));
  t.true(readFileSync(at('X')).equals(scripts));
  t.true(readFileSync(at('elf')).equals(readFileSync(ELF)));
});

test('two runs with one output: the file is what one of them wrote, whole', async (t) => {
  const at = folder(t);
  const events = ['mem:vault_total:w', 'mem:turnover:w'];
  const ends = await Promise.all(
    events.map((event) => hwbpProcess(['record', '-e', event, '-o', at('out'), '--elf', ELF, '--', TRACE])),
  );
  for (const { code } of ends) t.is(code, 0);
  const { events: written, records } = readPerfData(readFileSync(at('out')));
  const [{ name = '' } = {}] = written;
  t.true(events.includes(name));
  const said = ends[events.indexOf(name)]?.stdout ?? '';
  const samples = [...records()].filter(({ record: { type } }) => type === 9).length;
  t.is(Number(/([\d,]+) samples/.exec(said)?.[1]?.replaceAll(',', '')), samples);
  t.deepEqual(readdirSync(at('.')), ['out']);
});

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  test(`conform --emit ended by ${signal} leaves nothing, and an older file as it was`, async (t) => {
    const at = folder(t);
    writeFileSync(at('out'), 'older');
    // Nobody ever writes into it.
    execFileSync('mkfifo', [at('in')]);
    const child = spawn(process.execPath, [BIN, 'conform', '--emit', at('out'), at('in')], { stdio: 'pipe' });
    while (readdirSync(at('.')).length < 3) await setTimeout(20);
    child.kill(signal);
    t.deepEqual(await once(child, 'close'), [null, signal]);
    t.deepEqual(readdirSync(at('.')).sort(), ['in', 'out']);
    t.is(readFileSync(at('out'), 'utf8'), 'older');
  });

test('record: the first Ctrl-C keeps what was recorded; an input that breaks off leaves nothing', async (t) => {
  const at = folder(t);
  const child = spawn(process.execPath, [BIN, 'record', '-e', 'mem:0:w', '-o', at('out'), '--', '-'], {
    stdio: 'pipe',
  });
  child.stdin.on('error', () => {});
  child.stdin.write('I  00400000,4\n'.repeat(100_000));
  while (readdirSync(at('.')).length < 1) await setTimeout(20);
  t.false(existsSync(at('out')));
  await setTimeout(200);
  child.kill('SIGINT');
  t.deepEqual(await once(child, 'close'), [130, null]);
  t.deepEqual(readdirSync(at('.')), ['out']);
  t.is(readPerfData(readFileSync(at('out'))).events.length, 1);
  writeFileSync(at('t'), 'no trace\n');
  t.is((await record(at('none'), at('t'))).code, 1);
  t.deepEqual(readdirSync(at('.')).sort(), ['out', 't']);
});
