import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { BuiltPrograms, findLacks, probe, readMachineFacts, surroundings } from '@hwbp/recorder';
import test, { type ExecutionContext } from 'ava';
import { conformJson, P, readScripts, Scratch } from '../conformance/support.js';

// From test/dist/clients.
const COMMAND = path.join(import.meta.dirname, '../../../recorder/dist/main.js');

interface Result {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** What `npm run record` runs. */
function record(...args: readonly string[]): Promise<Result> {
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [COMMAND, ...args], { encoding: 'utf8' }, (error, stdout, stderr) => {
      if (error !== null && typeof error.code !== 'number') reject(error);
      else resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
    });
  });
}

/** Why nothing can be recorded here: a tool, which CI must have, or the machine; `undefined` if it can. */
async function obstacle(): Promise<{ readonly why: string; readonly tool: boolean } | undefined> {
  const lacks = findLacks(surroundings());
  const machine = lacks.filter(({ tool }) => !tool);
  if (lacks.length > 0) {
    const why = lacks.map(({ what, remedy }) => `${what} (${remedy})`).join('; ');
    return { why, tool: machine.length === 0 };
  }
  using programs = await BuiltPrograms.build();
  const refused = await probe(programs);
  return refused === undefined ? undefined : { why: refused, tool: false };
}

const missing = await obstacle();

/** A test on the machine's own debug registers. */
function testHere(title: string, implementation: (t: ExecutionContext) => Promise<void>): void {
  if (missing === undefined) test.serial(title, implementation);
  else if (missing.tool && process.env.CI === 'true') test(title, (t) => t.fail(`CI must not skip: ${missing.why}`));
  else test.skip(`${title}; skipped: ${missing.why}`, () => {});
}

testHere(
  'a few generated scripts of each suite are recorded, with the facts of this machine, and conform plays them',
  async (t) => {
    using scratch = new Scratch();
    const file = scratch.path('mine.jsonl.gz');
    const { code, stdout, stderr } = await record('--count', '6', '--seed', '40', '--output', file);
    t.is(code, 0, stderr);
    t.regex(stdout, /mine\.jsonl\.gz: \d+ of \d+ scripts recorded/);
    const bytes = readFileSync(file);
    t.is(bytes.readUInt16BE(0), 0x1f8b, 'it is gzipped');
    const scripts = readScripts(file);
    // Somebody else's breakpoints may make some unstable; most are not.
    t.true(scripts.length >= 9, stderr);
    for (const { id, setup, steps } of scripts) {
      t.regex(id, /^[PCH]-R\d{5}$/);
      t.deepEqual(setup.machine, JSON.parse(JSON.stringify(readMachineFacts())));
      t.is(steps[0]?.op, 'spawn');
      t.true(steps.every(({ after }) => after !== undefined));
    }
    const played = await conformJson(file);
    t.is(played.files[0]?.scripts, scripts.length);
    t.is(played.files[0]?.malformed, 0);
    t.log(`of ${scripts.length} scripts recorded here, ${played.files[0]?.matched} match`);
  },
);

testHere('scripts of a transcript are recorded again, and compared with it', async (t) => {
  using scratch = new Scratch();
  const few = readScripts(P).filter((_, i) => i % 40 === 0);
  const [first = few[0]] = few;
  const wrong = structuredClone(first);
  if (wrong === undefined) throw new Error('no fixture');
  const [step] = wrong.steps;
  if (step !== undefined) step.after = { dr: { t0: [] } };
  const { code, stdout, stderr } = await record(
    scratch.write('right.jsonl', few),
    scratch.write('wrong.jsonl.gz', [{ ...wrong, id: 'P-WRONG' }]),
    '--output',
    scratch.path('again.jsonl'),
  );
  t.is(code, 1, 'one differs');
  t.regex(stderr, /^P-WRONG differs from its transcript: step 0 spawn: after\.dr\.t0/m);
  const again = readScripts(scratch.path('again.jsonl'));
  t.deepEqual(
    again.map(({ id }) => id),
    [...few.map(({ id }) => id), 'P-WRONG'],
  );
  const [, agree, compared] = /(\d+) of (\d+) agree/.exec(stdout) ?? [];
  t.is(compared, String(few.length + 1));
  t.log(`${agree} of ${compared} agree with Linux 6.18`);
  // What was asked is the same on every machine, whatever came of it.
  for (const [i, { steps }] of few.entries()) {
    t.deepEqual(
      again[i]?.steps.map(({ op, task, reg, val, addr, insn }) => ({
        op,
        task,
        reg,
        val: op === 'peek' ? 0 : val,
        addr,
        insn,
      })),
      steps.map(({ op, task, reg, val, addr, insn }) => ({ op, task, reg, val: op === 'peek' ? 0 : val, addr, insn })),
    );
  }
});

testHere('a script whose answers change from pass to pass, and one that fails, are left out and told', async (t) => {
  using scratch = new Scratch();
  // Where the task's pages lie in physical memory is another place each time; an unknown instruction ends the recorder.
  const faults = [0, 1, 2, 3].map((page) => `access task=t0 insn=ld1 addr=alias:t0:0x1000${page}000`);
  const scripts = scratch.write(
    'scripts.txt',
    [
      'script id=STABLE suite=H after=count',
      'spawn task=t0',
      'access task=t0 insn=st8 addr=0x10000000',
      'end',
      'script id=ELSEWHERE suite=P after=dr',
      'spawn task=t0',
      ...faults,
      'end',
      'script id=BAD suite=P after=dr',
      'spawn task=t0',
      'access task=t0 insn=halt',
      'end',
      '',
    ].join('\n'),
  );
  const left = scratch.path('left.txt');
  const { code, stdout, stderr } = await record(scripts, '--output', scratch.path('some.jsonl'), '--left-out', left);
  t.is(code, 0, stderr);
  t.regex(stdout, /1 of 3 scripts recorded, 1 unstable, 1 failed/);
  t.regex(stderr, /^BAD failed/m);
  t.regex(stderr, /^ELSEWHERE unstable, pass '[a-z ]+': step \d access: stops\.0\.addr "0xffff/m);
  t.regex(
    readFileSync(left, 'utf8'),
    /^script id=ELSEWHERE [\s\S]*\nend\nscript id=BAD .*\nspawn task=t0\naccess task=t0 insn=halt\nend\n$/,
  );
  t.deepEqual(
    readScripts(scratch.path('some.jsonl')).map(({ id }) => id),
    ['STABLE'],
  );
});

test('printed scripts are those that would be recorded; wrong options are told, with exit code 2', async (t) => {
  const { code, stdout } = await record('--print', '--suite', 'C,H', '--count', '3', '--seed', '9');
  t.is(code, 0);
  t.deepEqual(
    stdout.match(/^script id=\S+/gm),
    ['C', 'H'].flatMap((suite) => [9, 10, 11].map((n) => `script id=${suite}-R${String(n).padStart(5, '0')}`)),
  );
  for (const args of [['--suite', 'X'], ['--count', '-1'], ['--seed', 'x'], ['--no-such-option'], [P, '-o', P]]) {
    t.is((await record(...args)).code, 2, args.join(' '));
  }
});

testHere('a file that cannot be read, or is no transcript, is told with its name', async (t) => {
  using scratch = new Scratch();
  const output = ['--output', scratch.path('x.jsonl')];
  for (const [file, complaint] of [
    [scratch.path('none.jsonl'), /none\.jsonl cannot be read/],
    [scratch.write('bad.jsonl', 'nonsense\n'), /bad\.jsonl: line 1 is no JSON/],
    [scratch.write('bad.txt', 'spawn task=t0\n'), /bad\.txt: .*'end'/],
  ] as const) {
    const { code, stderr } = await record(file, ...output);
    t.is(code, 1);
    t.regex(stderr, complaint);
  }
});
