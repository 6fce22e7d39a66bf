import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import test from 'ava';
import { conform, H, NOT_PLAYED, P, readScripts, Scratch } from './support.js';

const recorded = readScripts(P);
const counted = readScripts(H);

/** Suite P, played twice: what was emitted, plain and gzipped. */
const shared = new Scratch();
const OURS = shared.path('ours.jsonl');
const AGAIN = shared.path('again.jsonl.gz');
test.before(async (t) => {
  const results = await Promise.all([conform('--emit', OURS, P), conform('--emit', AGAIN, P)]);
  for (const { code } of results) t.is(code, 0);
});
test.after.always(() => shared[Symbol.dispose]());

test('--emit writes what our kernel answered, in the same format: field for field the recording', (t) => {
  t.deepEqual(readScripts(OURS), recorded);
});

test('--emit writes events, samples and signals as they were recorded, and nothing of what was not played', async (t) => {
  using scratch = new Scratch();
  const some = counted.filter((_, i) => i % 4 === 0);
  const ours = scratch.path('ours.jsonl');
  const { code } = await conform('--emit', ours, scratch.write('some.jsonl', [NOT_PLAYED, ...some]));
  t.is(code, 0);
  t.deepEqual(readScripts(ours), some);
});

test('an emitted file matches itself, every script of it, and is gzipped if its name says so', async (t) => {
  const { code, stdout } = await conform(AGAIN);
  t.is(stdout, `${AGAIN}: matched 278 of 278 scripts\n`);
  t.is(code, 0);
  t.deepEqual(
    [OURS, AGAIN].map((file) => readFileSync(file)[0] === 0x1f),
    [false, true],
  );
});

test('under --strict, what is emitted matches itself under --strict, and differs from the recording', async (t) => {
  using scratch = new Scratch();
  const some = scratch.write(
    'some.jsonl',
    [...recorded, ...counted].filter(({ steps }) => steps.some(({ op }) => ['detach', 'fork', 'modify'].includes(op))),
  );
  const ours = scratch.path('strict.jsonl');
  t.is((await conform('--strict', '--emit', ours, some)).code, 1);
  t.is((await conform('--strict', ours)).code, 0);
  t.is((await conform(ours)).code, 1);
});

test('several files go into one transcript, in their order', async (t) => {
  using scratch = new Scratch();
  const [first, second] = [
    scratch.write('a.jsonl', recorded.slice(0, 3)),
    scratch.write('b.jsonl.gz', recorded.slice(3, 5)),
  ];
  const ours = scratch.path('ours.gz');
  t.is((await conform('--emit', ours, second, first)).code, 0);
  t.deepEqual(
    readScripts(ours).map(({ id }) => id),
    [...recorded.slice(3, 5), ...recorded.slice(0, 3)].map(({ id }) => id),
  );
});

test('the same input gives the same answers: played twice, and in reversed order', async (t) => {
  using scratch = new Scratch();
  t.true(gunzipSync(readFileSync(AGAIN)).equals(readFileSync(OURS)));
  const reversed = scratch.write('reversed.jsonl', recorded.toReversed());
  const backwards = scratch.path('backwards.jsonl');
  await conform('--emit', backwards, reversed);
  t.deepEqual(readScripts(backwards).toReversed(), readScripts(OURS));
});

test('a script answers the same alone, and behind any others in one process', async (t) => {
  using scratch = new Scratch();
  const few = recorded.filter((_, i) => i % 60 === 0);
  const repeated = scratch.write('repeated.jsonl', [...few, ...few, ...few]);
  const ours = scratch.path('ours.jsonl');
  t.is((await conform('--emit', ours, repeated)).code, 0);
  t.deepEqual(readScripts(ours), [...few, ...few, ...few]);
});

test('a file that cannot be written to is told before anything is played: the command line is wrong', async (t) => {
  using scratch = new Scratch();
  const { code, stderr } = await conform('--emit', scratch.path('no/such/directory'), scratch.write('empty', ''));
  t.is(code, 2);
  t.regex(stderr, /cannot be written/);
  t.notRegex(stderr, /a bug in hwbp/);
});

test('the fixture is the recording as it was made', (t) => {
  t.is(gunzipSync(readFileSync(P)).toString('utf8').split('\n').length, 278 + 1);
  t.is(recorded.flatMap(({ steps }) => steps).length, 6925);
});
