import { copyFileSync } from 'node:fs';
import test from 'ava';
import { C, conform, conformJson, H, NOT_PLAYED, OBSTACLE, P, RANDOM, readScripts, Scratch } from './support.js';

const recorded = readScripts(P);

for (const [suite, what, file, scripts, steps] of [
  ['P', 'ptrace', P, 278, 6925],
  ['C', 'slot constraints and checks of perf events', C, 267, 9058],
  ['H', 'counting and sampling of perf events', H, 290, 6796],
] as const) {
  test(`suite ${suite}, ${what}: every script matches, field for field`, async (t) => {
    const whole = readScripts(file);
    t.is(whole.flatMap((one) => one.steps).length, steps, 'the fixture is the recording as it was made');
    const result = await conformJson(file);
    t.is(result.stderr, '');
    t.is(result.code, 0);
    t.deepEqual(
      result.scripts.map(({ id, result: outcome, reason }) => [id, outcome, reason]),
      whole.map(({ id }) => [id, 'matched', undefined]),
    );
    t.deepEqual(result.files, [
      { kind: 'file', file, scripts, matched: scripts, differs: 0, malformed: 0, notPlayed: {} },
    ]);
  });
}

test('random scripts recorded later, with page ends, forks and repeated instructions, match one and all', async (t) => {
  const { code, stdout } = await conform(RANDOM);
  t.is(code, 0);
  t.is(stdout, `${RANDOM}: matched 300 of 300 scripts\n`);
});

test('what is not there is not played: that is no difference', async (t) => {
  using scratch = new Scratch();
  const file = scratch.write('guest.jsonl', [NOT_PLAYED, recorded[0]]);
  const { code, stdout } = await conform(file);
  t.is(code, 0);
  t.deepEqual(stdout.trimEnd().split('\n'), [`${file}: matched 1 of 2 scripts, 1 not played: ${OBSTACLE}`]);
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
