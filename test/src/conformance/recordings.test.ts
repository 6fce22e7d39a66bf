import { copyFileSync } from 'node:fs';
import test from 'ava';
import { C, conform, conformJson, H, needsPerf, P, RANDOM, readScripts, Scratch } from './support.js';

const recorded = readScripts(P);

test('suite P: every script that needs no perf events matches, field for field; the others say what they need', async (t) => {
  const { code, scripts, files, stderr } = await conformJson(P);
  t.is(stderr, '');
  t.is(code, 0);
  t.deepEqual(
    scripts.map(({ id, result, reason }) => [id, result, reason]),
    recorded.map((one) => [one.id, ...(needsPerf(one) ? ['not played', 'needs perf'] : ['matched', undefined])]),
  );
  t.deepEqual(files, [
    {
      kind: 'file',
      file: P,
      scripts: 278,
      matched: 271,
      differs: 0,
      malformed: 0,
      notPlayed: { 'needs perf': 7 },
    },
  ]);
});

test('random scripts recorded later, with page ends, forks and repeated instructions, match one and all', async (t) => {
  const { code, stdout } = await conform(RANDOM);
  t.is(code, 0);
  t.is(stdout, `${RANDOM}: matched 300 of 300 scripts\n`);
});

test('scripts that need perf are not played: that is no difference', async (t) => {
  const { code, stdout } = await conform(C, H);
  t.is(code, 0);
  t.deepEqual(stdout.trimEnd().split('\n'), [
    `${C}: matched 0 of 3 scripts, 3 not played: needs perf`,
    `${H}: matched 0 of 3 scripts, 3 not played: needs perf`,
  ]);
});

test('a plain file and the gzipped one give the same answers, whatever they are called', async (t) => {
  using scratch = new Scratch();
  const some = recorded.filter((_, i) => i % 5 === 0);
  const plain = scratch.write('plain.jsonl', some);
  const gzipped = scratch.write('gzipped.gz', some);
  const disguised = scratch.path('disguised.jsonl');
  copyFileSync(gzipped, disguised);
  const results = await Promise.all([plain, gzipped, disguised].map((file) => conformJson(file)));
  const [first, ...others] = results.map(({ scripts }) => scripts.map(({ file: _file, ...rest }) => rest));
  t.is(first?.length, some.length);
  for (const other of others) t.deepEqual(other, first);
});

test('blank lines and CR LF are no scripts; an empty file has none', async (t) => {
  using scratch = new Scratch();
  const [one, two] = recorded.map((script) => JSON.stringify(script));
  const { stdout, code } = await conform(
    scratch.write('crlf.jsonl', `\r\n${one}\r\n\r\n   \n${two}`),
    scratch.write('empty.jsonl', ''),
    scratch.write('empty.gz', ''),
  );
  t.is(code, 0);
  t.deepEqual(stdout.match(/matched \d+ of \d+ scripts/g), [
    'matched 2 of 2 scripts',
    'matched 0 of 0 scripts',
    'matched 0 of 0 scripts',
  ]);
});
