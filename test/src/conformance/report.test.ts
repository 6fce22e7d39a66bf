import test from 'ava';
import {
  conform,
  conformJson,
  H,
  type Json,
  NOT_PLAYED,
  OBSTACLE,
  P,
  readScripts,
  Scratch,
  type Script,
  type Step,
  script,
} from './support.js';

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
  const guest = scratch.write('guest.jsonl', [NOT_PLAYED]);
  const { code, stdout, stderr } = await conform(file, guest);
  t.is(code, 1);
  t.is(stderr, '');
  t.is(
    stdout,
    `${file}: matched 1 of 2 scripts, 1 differ\n${guest}: matched 0 of 1 scripts, 1 not played: ${OBSTACLE}\n`,
  );
});

test('--verbose: the first difference of each script that differs, with step, op, field and both values; and why one was not played', async (t) => {
  using scratch = new Scratch();
  const bad = { suite: 'P', id: 'P-9999', setup: {}, steps: [{ op: 'juggle' }] };
  const file = scratch.write('wrong.jsonl', [wrong(), NOT_PLAYED, bad]);
  const { code, stdout } = await conform('--verbose', file);
  t.is(code, 1);
  t.deepEqual(stdout.trimEnd().split('\n'), [
    '  P-0000 step 4 access: stops.0.dr6',
    '    expected "0xffff0ff2"',
    '    got      "0xffff0ff1"',
    `  ${NOT_PLAYED.id} not played: ${OBSTACLE}`,
    "  P-9999 malformed: step 0: unknown op 'juggle'",
    `${file}: matched 0 of 3 scripts, 1 differ, 1 malformed, 1 not played: ${OBSTACLE}`,
  ]);
});

test('--json: one object for each script and one for each file, each on a line', async (t) => {
  using scratch = new Scratch();
  const bad = { suite: 'P', id: 'P-9999', setup: {}, steps: [{ op: 'juggle' }] };
  const file = scratch.write('wrong.jsonl', [wrong(), script(recorded, 'P-0002'), NOT_PLAYED, bad]);
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
    { kind: 'script', file, id: NOT_PLAYED.id, result: 'not played', reason: OBSTACLE },
    { kind: 'script', file, id: 'P-9999', result: 'malformed', reason: "step 0: unknown op 'juggle'" },
  ]);
  t.deepEqual(files, [
    { kind: 'file', file, scripts: 4, matched: 1, differs: 1, malformed: 1, notPlayed: { [OBSTACLE]: 1 } },
  ]);
});

test('an event’s counts, samples and signals are told like any other field', async (t) => {
  using scratch = new Scratch();
  const one = script(readScripts(H), 'H-0034');
  /** The script with another state behind its first hit, which is step 6. */
  const instead = (id: string, change: { [part: string]: Json }): Script => {
    const step = one.steps[6] as Step;
    return { ...one, id, steps: one.steps.with(6, { ...step, after: { ...(step.after as object), ...change } }) };
  };
  const wrong = [
    instead('count', { count: { e0: 7 } }),
    instead('sample', { samples: [{ ev: 'e0', addr: '0x10000018' }] }),
    instead('signal', { signals: [] }),
  ];
  const { stdout } = await conform('--verbose', scratch.write('wrong.jsonl', wrong));
  t.deepEqual(stdout.split('\n').slice(0, 9), [
    '  count step 6 access: after.count.e0',
    '    expected 7',
    '    got      1',
    '  sample step 6 access: after.samples.0.addr',
    '    expected "0x10000018"',
    '    got      "0x10000010"',
    '  signal step 6 access: after.signals.0',
    '    expected (absent)',
    '    got      {"ev":"e0","sig":1,"code":"POLL_IN"}',
  ]);
});

test('help names every option; without a file it is a usage error', async (t) => {
  const help = await conform('--help');
  t.is(help.code, 0);
  for (const option of ['--verbose', '--json', '--strict', '--without', '--emit'])
    t.true(help.stdout.includes(option), option);
  const none = await conform();
  t.is(none.code, 2);
  t.regex(none.stderr, /missing required argument/);
  t.is((await conform('--juggle', P)).code, 2);
});
