import {
  CONFORM_ERRORS,
  conform,
  conformScript,
  formatScript,
  parseLine,
  QUIRKS,
  type Script,
  showValue,
  Tally,
  TranscriptError,
} from '@hwbp/conform';
import { readTranscript } from '@hwbp/conform/files';
import test from 'ava';
import { arm64File, P, ppc64File, Scratch } from './support.js';

const PLACE = { source: 'a.jsonl', line: 7 };

async function firstOf(file: string): Promise<Script> {
  for await (const line of readTranscript(file)) if ('script' in line) return line.script;
  throw new Error(`${file} has no script`);
}

test('the codes of conform are API: this list changes only on purpose', (t) => {
  t.true(Object.isFrozen(CONFORM_ERRORS));
  t.deepEqual([...CONFORM_ERRORS], ['TRANSCRIPT_NO_JSON', 'TRANSCRIPT_NO_SCRIPT', 'TRANSCRIPT_OVER_BUDGET']);
});

test('a line that is no script says where it is, what is wrong, and by which code', (t) => {
  for (const [text, code, complaint] of [
    ['['.repeat(101), 'TRANSCRIPT_OVER_BUDGET', /^a\.jsonl: line 7 is over the budget of nesting: .* 100/],
    ['{', 'TRANSCRIPT_NO_JSON', /^a\.jsonl: line 7 is no JSON: /],
    ['{"id":"x"}', 'TRANSCRIPT_NO_SCRIPT', /^a\.jsonl: line 7 is no recorded script: suite: /],
    // Of the architecture that it is of by its shape.
    ['{"suite":"PP","id":1,"ops":[]}', 'TRANSCRIPT_NO_SCRIPT', /^a\.jsonl: line 7 is no recorded script: cfg: /],
    ['{"suite":"PP","id":1,"cfg":"x","ops":[{}]}', 'TRANSCRIPT_NO_SCRIPT', /: ops\.0\.op: /],
  ] as const) {
    const line = parseLine(text, PLACE);
    const error = 'malformed' in line ? line.malformed : undefined;
    t.true(error instanceof TranscriptError);
    t.regex(error?.message ?? '', complaint);
    t.is(error?.code, code);
    t.deepEqual(error?.place, PLACE);
  }
});

test('what a recorder could not finish is no error', (t) => {
  t.deepEqual(parseLine('{"id":"x","error":"it hung"}', PLACE), { id: 'x', error: 'it hung' });
});

test('a script is written as the line that it was read from, whatever the architecture', async (t) => {
  for (const [file, format] of [
    [P, 'x86'],
    [ppc64File('PP', 'power10', '6.12'), 'ppc64'],
    [arm64File('AP', 'max', '6.12'), 'arm64'],
  ] as const) {
    const script = await firstOf(file);
    t.is(script.format, format);
    t.deepEqual(parseLine(formatScript(script), PLACE), { script });
  }
});

test('a program plays scripts as the command does', async (t) => {
  const tally = new Tally();
  const script = await firstOf(P);
  const lines = [{ script }, { id: 'x', error: 'it hung' }];
  for await (const { outcome } of conform(lines, { strict: false })) tally.count(outcome);
  t.deepEqual([tally.scripts, tally.matched, tally.agrees], [2, 1, true]);
  t.deepEqual([...tally.notPlayed], [['its recording failed (it hung)', 1]]);
  t.true(QUIRKS.length > 10);
});

test('a script of an architecture that nobody plays is misuse, told with those that there are', async (t) => {
  const script: Script = { ...(await firstOf(P)), format: 'z80' };
  t.throws(() => conformScript(script, { strict: false }), {
    instanceOf: TypeError,
    message: /there is no z80: x86-k2, x86-k, x86, ppc64, arm64/,
  });
});

test('values are shown with all their digits', (t) => {
  t.is(showValue({ a: 2n ** 64n, b: [null] }), '{"a":"18446744073709551616","b":[null]}');
  t.is(showValue(undefined), '(absent)');
});

test('a file that is not there is the file system’s error', async (t) => {
  using scratch = new Scratch();
  await t.throwsAsync(firstOf(scratch.path('nothing')), { code: 'ENOENT' });
});
