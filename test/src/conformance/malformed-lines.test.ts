import { writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import test from 'ava';
import fc from 'fast-check';
import { conform, conformJson, P, readScripts, Scratch } from './support.js';

const playable = readScripts(P);

test('a line that is no JSON, or no script, is named by file and number; what follows is played; exit code 1', async (t) => {
  const good = JSON.stringify(playable[0]);
  for (const [line, complaint] of [
    ['{"suite":', /line 2 is no JSON/],
    ['nonsense', /line 2 is no JSON/],
    ['[]', /line 2 is no recorded script/],
    ['null', /line 2 is no recorded script/],
    ['{}', /line 2 is no recorded script: suite/],
    ['{"suite":"P","id":7,"setup":{},"steps":[]}', /line 2 is no recorded script: id/],
    ['{"suite":"P","id":"x","setup":[],"steps":[]}', /line 2 is no recorded script: setup/],
    ['{"suite":"P","id":"x","setup":{},"steps":{}}', /line 2 is no recorded script: steps/],
    ['{"suite":"P","id":"x","setup":{},"steps":[{"task":"t0"}]}', /line 2 is no recorded script: steps\.0\.op/],
    ['{"suite":"P","id":"x","setup":{},"steps":[null]}', /line 2 is no recorded script: steps\.0/],
    ['['.repeat(20_000), /line 2 is over the budget of nesting/],
    [`${'{"a":'.repeat(5000)}1${'}'.repeat(5000)}`, /line 2 is over the budget of nesting/],
    [`"${'x'.repeat(17 * 1024 * 1024)}"`, /line 2 is over the budget of a line: it has 17825794 bytes/],
  ] as const) {
    using scratch = new Scratch();
    const file = scratch.write('bad.jsonl', `${good}\n${line}\n${good}\n`);
    const { code, stdout, stderr } = await conform(file);
    t.is(code, 1, line.slice(0, 60));
    t.is(stdout, `${file}: matched 2 of 3 scripts, 1 malformed\n`);
    t.true(stderr.includes(file), stderr.slice(0, 300));
    t.regex(stderr, complaint);
    t.notRegex(stderr, /a bug in hwbp/);
  }
});

test('lines that are no scripts stand among the outcomes, and later files are played', async (t) => {
  using scratch = new Scratch();
  const [good, bad] = [scratch.write('good.jsonl', [playable[0]]), scratch.write('bad.jsonl', 'x\n\n{}\n')];
  const { code, scripts, files } = await conformJson(bad, good);
  t.is(code, 1);
  t.deepEqual(
    scripts.map(({ id, result }) => [id, result]),
    [
      ['line 1', 'malformed'],
      ['line 3', 'malformed'],
      [playable[0]?.id, 'matched'],
    ],
  );
  t.regex(scripts[0]?.reason ?? '', /^no JSON: /);
  t.regex(scripts[1]?.reason ?? '', /^no recorded script: suite: /);
  t.deepEqual(
    files.map(({ scripts: count, malformed }) => [count, malformed]),
    [
      [2, 2],
      [1, 0],
    ],
  );
});

test('of a file that is no transcript at all, the first lines are named, and how many there are', async (t) => {
  using scratch = new Scratch();
  const file = scratch.write('prose.txt', 'It was a dark night.\n'.repeat(500));
  const { code, stdout, stderr } = await conform(file);
  t.is(code, 1);
  t.is(stdout, `${file}: matched 0 of 500 scripts, 500 malformed\n`);
  const told = stderr.trimEnd().split('\n');
  t.is(told.length, 11);
  t.true(told[9]?.startsWith(`hwbp: ${file}: line 10 is no JSON: `));
  t.is(told[10], `hwbp: ${file}: 490 further lines are no scripts; --verbose names each`);
  t.is((await conform('--verbose', file)).stdout.match(/^ {2}line \d+ malformed: no JSON/gm)?.length, 500);
});

test('a file that is not there, a directory, and a gzip that is cut off are told, with exit code 1', async (t) => {
  using scratch = new Scratch();
  const whole = gzipSync(playable.map((one) => JSON.stringify(one)).join('\n'));
  const cut = scratch.path('cut.gz');
  writeFileSync(cut, whole.subarray(0, whole.length / 2));
  const corrupt = scratch.path('corrupt.gz');
  writeFileSync(corrupt, Buffer.concat([whole.subarray(0, 100), Buffer.alloc(100), whole.subarray(200)]));
  for (const [file, complaint] of [
    [scratch.path('nothing'), /there is no file/],
    [scratch.path('.'), /cannot be read/],
    [cut, /cannot be read/],
    [corrupt, /cannot be read|is no/],
  ] as const) {
    const { code, stderr } = await conform(file);
    t.is(code, 1, file);
    t.regex(stderr, complaint);
    t.notRegex(stderr, /a bug in hwbp/);
  }
});

test('any lines whatever: exit code 0 or 1, and a complaint that names the line', async (t) => {
  const line = fc.oneof(
    fc.string({ unit: 'binary' }).map((text) => text.replaceAll(/[\r\n\u2028\u2029]/g, '')),
    fc.json(),
    fc.json().map((inner) => `{"suite":"P","id":"x","setup":{},"steps":[{"op":"spawn","task":${inner}}]}`),
    fc.json().map((inner) => `{"suite":"P","id":"x","setup":${inner},"steps":[${inner}]}`),
    fc.constantFrom(playable[0], playable.at(-1)).map((one) => JSON.stringify(one).slice(0, -2)),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(line, { maxLength: 4 }), fc.boolean(), async (lines, gzipped) => {
      using scratch = new Scratch();
      const file = scratch.write(gzipped ? 'any.gz' : 'any.jsonl', [JSON.stringify(playable[1]), ...lines].join('\n'));
      const { code, stderr } = await conform(file);
      if (code !== 0 && code !== 1) throw new Error(`exit code ${code}: ${stderr}`);
      if (/a bug in hwbp/.test(stderr)) throw new Error(stderr);
      if (stderr !== '' && !/line \d+ is no/.test(stderr)) throw new Error(stderr);
    }),
    { numRuns: 12, endOnFailure: true },
  );
  t.pass();
});

test('a gzipped file that unpacks to far more than any recording is broken off, and says which budget it is over', async (t) => {
  using scratch = new Scratch();
  const blank = scratch.path('blank.gz');
  writeFileSync(blank, gzipSync(Buffer.alloc(200 * 1024 * 1024, '\n')));
  const { code, stderr } = await conform(blank);
  t.is(code, 1);
  t.regex(
    stderr,
    /^hwbp: .*blank\.gz: line 1 is over the budget of what is unpacked: the first \d+ bytes .*64 MiB and 64/,
  );
});
