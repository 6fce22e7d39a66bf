import test from 'ava';
import { C, conform, conformJson, P, readScripts, Scratch, type Script, script } from './support.js';

const recorded = readScripts(P);

/** P-0000 with another DR6 at its first stop, which is at step 4. */
function wrong(): Script {
  const copy = structuredClone(script(recorded, 'P-0000'));
  const stops = copy.steps[4]?.stops as { dr6: string }[];
  if (stops[0] !== undefined) stops[0].dr6 = '0xffff0ff2';
  return copy;
}

test('for people: one line for each file', async (t) => {
  using scratch = new Scratch();
  const file = scratch.write('wrong.jsonl', [wrong(), script(recorded, 'P-0002')]);
  const { code, stdout, stderr } = await conform(file, C);
  t.is(code, 1);
  t.is(stderr, '');
  t.is(stdout, `${file}: matched 1 of 2 scripts, 1 differ\n${C}: matched 0 of 3 scripts, 3 not played: needs perf\n`);
});

test('--verbose: the first difference of each script that differs, with step, op, field and both values; and why one was not played', async (t) => {
  using scratch = new Scratch();
  const perf = readScripts(C)[0];
  const bad = { suite: 'P', id: 'P-9999', setup: {}, steps: [{ op: 'juggle' }] };
  const file = scratch.write('wrong.jsonl', [wrong(), perf, bad]);
  const { code, stdout } = await conform('--verbose', file);
  t.is(code, 1);
  t.deepEqual(stdout.trimEnd().split('\n'), [
    '  P-0000 step 4 access: stops.0.dr6',
    '    expected "0xffff0ff2"',
    '    got      "0xffff0ff1"',
    `  ${perf?.id} not played: needs perf`,
    "  P-9999 malformed: step 0: unknown op 'juggle'",
    `${file}: matched 0 of 3 scripts, 1 differ, 1 malformed, 1 not played: needs perf`,
  ]);
});

test('--json: one object for each script and one for each file, each on a line', async (t) => {
  using scratch = new Scratch();
  const perf = readScripts(C)[0];
  const bad = { suite: 'P', id: 'P-9999', setup: {}, steps: [{ op: 'juggle' }] };
  const file = scratch.write('wrong.jsonl', [wrong(), script(recorded, 'P-0002'), perf, bad]);
  const { code, scripts, files } = await conformJson(file);
  t.is(code, 1);
  t.deepEqual(scripts, [
    {
      kind: 'script',
      file,
      id: 'P-0000',
      result: 'differs',
      difference: { step: 4, op: 'access', field: 'stops.0.dr6', expected: '0xffff0ff2', got: '0xffff0ff1' },
    },
    { kind: 'script', file, id: 'P-0002', result: 'matched' },
    { kind: 'script', file, id: perf?.id ?? '', result: 'not played', reason: 'needs perf' },
    { kind: 'script', file, id: 'P-9999', result: 'malformed', reason: "step 0: unknown op 'juggle'" },
  ]);
  t.deepEqual(files, [
    { kind: 'file', file, scripts: 4, matched: 1, differs: 1, malformed: 1, notPlayed: { 'needs perf': 1 } },
  ]);
});

test('help names every option; without a file it is a usage error', async (t) => {
  const help = await conform('--help');
  t.is(help.code, 0);
  for (const option of ['--verbose', '--json', '--strict', '--emit']) t.true(help.stdout.includes(option), option);
  const none = await conform();
  t.is(none.code, 2);
  t.regex(none.stderr, /missing required argument/);
  t.is((await conform('--juggle', P)).code, 2);
});
