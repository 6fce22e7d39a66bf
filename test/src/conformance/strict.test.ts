import test from 'ava';
import {
  C,
  conform,
  conformJson,
  H,
  type Json,
  NOT_PLAYED,
  P,
  readScripts,
  Scratch,
  type Script,
  type ScriptLine,
  script,
} from './support.js';

const recorded = readScripts(P);
const all = [...recorded, ...readScripts(C), ...readScripts(H)];
/** Each suite played once, for every test. */
const strictly = Promise.all([P, C, H].map((file) => conformJson('--strict', file)));
const FRESH_67 = ['0xffff0ff0', '0x0'];

const P4 = 'x86-dr7-failure-leaves-traces';
const P6 = 'x86-detach-keeps-breakpoints';
const P7 = 'x86-fork-copies-dr6-dr7';
const H2 = 'events-used-up-stays-stopped';
const H3 = 'events-period-change-overflows';
const H5 = 'perf-refused-modify-leaves-traces';
const QUIRKS = [P4, P6, P7, H2, H3, H5];

type Registers = { [task: string]: string[] };
const registersAfter = ({ steps }: Script, step: number): Registers =>
  ((steps[step]?.after as { [key: string]: Json } | undefined)?.dr ?? {}) as Registers;

/** A child of a parent whose DR6 or DR7 was not as at the start: it shows them (P7). */
function copiesAtFork(one: Script, at: number): boolean {
  const { op, task } = one.steps[at] ?? { op: '' };
  if (op !== 'fork' && op !== 'thread') return false;
  const parent = registersAfter(one, at - 1)[String(task)];
  return parent !== undefined && parent.slice(6).join() !== FRESH_67.join();
}

/** A detached task that had something in its registers keeps it (P6). */
function keepsAtDetach(one: Script, at: number): boolean {
  const { op, task } = one.steps[at] ?? { op: '' };
  if (op !== 'detach') return false;
  const before = registersAfter(one, at - 1)[String(task)];
  return before?.some((value, i) => value !== (i === 6 ? FRESH_67[0] : '0x0')) ?? false;
}

/** A write of DR7 that was refused (P4). */
function refusedDr7({ steps }: Script, at: number): boolean {
  const { op, reg, ret } = steps[at] ?? { op: '' };
  return op === 'poke' && reg === 7 && ret === -1;
}

const shows = (one: Script, quirk: (one: Script, at: number) => boolean, until = one.steps.length): boolean =>
  one.steps.some((_, at) => at < until && quirk(one, at));

const differing = ({ scripts }: { readonly scripts: readonly ScriptLine[] }): ScriptLine[] =>
  scripts.filter(({ result }) => result === 'differs');

/**
 * Every script that differs under --strict, by the quirks that alone make the same first difference when they are off.
 */
async function explain(): Promise<ReadonlyMap<string, readonly string[]>> {
  using scratch = new Scratch();
  const lines = (await strictly).flatMap(differing);
  const file = scratch.write(
    'differing.jsonl',
    lines.map(({ id }) => script(all, id)),
  );
  const single = await Promise.all(QUIRKS.map((quirk) => conformJson('--without', quirk, file)));
  return new Map(
    lines.map(({ id, difference }, i) => [
      id,
      QUIRKS.filter((_, q) => JSON.stringify(single[q]?.scripts[i]?.difference) === JSON.stringify(difference)),
    ]),
  );
}

test('--strict: each script that differs does so first as it does without one single quirk, and of every quirk there are some', async (t) => {
  const explained = await explain();
  t.deepEqual(
    [...explained].filter(([, quirks]) => quirks.length !== 1),
    [],
    'unexplained',
  );
  const count = (suite: string, quirk: string): number =>
    [...explained].filter(([id, quirks]) => id.startsWith(suite) && quirks[0] === quirk).length;
  t.deepEqual(
    ['P', 'C', 'H'].map((suite) => QUIRKS.map((quirk) => count(suite, quirk))),
    [
      [4, 11, 39, 0, 0, 0],
      [11, 1, 9, 0, 0, 0],
      [0, 0, 0, 7, 2, 3],
    ],
  );
});

test('--strict: what differs in suite H is what its rules H2, H3 and H5 say; all else matches', async (t) => {
  const [p, c, h] = await strictly;
  t.deepEqual(
    differing(h ?? { scripts: [] }).map(({ id, difference }) => `${id} ${difference?.step} ${difference?.field}`),
    [
      // H2: a limit of overflows that was used up, and then refresh, enable, exec, ...: the event counts again.
      'H-0034 12 after.count.e0',
      'H-0036 7 after.count.e0',
      'H-0038 6 after.count.e0',
      'H-0040 6 after.count.e0',
      // H5: a refused modification enabled the event, or left its sig_data.
      'H-0066 7 after.count.e0',
      'H-0120 9 stops.0.perf_data',
      'H-0144 6 after.count.e0',
      // H3: a new period of an event that is on its CPU.
      'H-0150 13 after.samples',
      'H-0152 9 after.count.e0',
      'H-0154 6 after.samples',
      'H-0162 18 after.count.e0',
      'H-0518 13 after.count.e0',
    ],
  );
  t.deepEqual(
    [p, c, h].map((result) => [result?.code, result?.files[0]?.matched, result?.files[0]?.differs]),
    [
      [1, 224, 54],
      [1, 246, 21],
      [1, 278, 12],
    ],
  );
});

test('--strict changes every script of P that shows P6 or P7, and none in which nothing forks, detaches or is refused', async (t) => {
  const [p] = await strictly;
  const differs = new Set(differing(p ?? { scripts: [] }).map(({ id }) => id));
  const must = recorded.filter(
    (one) =>
      shows(one, copiesAtFork) || one.steps.some((step, at) => step.op === 'attach' && shows(one, keepsAtDetach, at)),
  );
  t.true(must.length > 20, `${must.length} scripts`);
  t.deepEqual(
    must.filter(({ id }) => !differs.has(id)).map(({ id }) => id),
    [],
  );
  const may = new Set(
    recorded
      .filter((one) => shows(one, copiesAtFork) || shows(one, keepsAtDetach) || shows(one, refusedDr7))
      .map(({ id }) => id),
  );
  t.deepEqual(
    [...differs].filter((id) => !may.has(id)),
    [],
  );
  t.true(may.size < recorded.length - 50, `${recorded.length - may.size} scripts show none`);
});

test('--strict leaves what is not played and what is malformed as it is', async (t) => {
  using scratch = new Scratch();
  const file = scratch.write('some.jsonl', [NOT_PLAYED, { ...NOT_PLAYED, setup: {}, steps: [{ op: 'juggle' }] }]);
  const [loose, strict] = await Promise.all([conformJson(file), conformJson('--strict', file)]);
  t.deepEqual(
    loose.scripts.map(({ result }) => result),
    ['not played', 'malformed'],
  );
  t.deepEqual(strict, loose);
});

test('--without plays without the quirks that it names; one that there is not is a usage error', async (t) => {
  using scratch = new Scratch();
  const file = scratch.write(
    'two.jsonl',
    ['H-0034', 'H-0066'].map((id) => script(all, id)),
  );
  const matched = async (...quirks: string[]): Promise<string[]> => {
    const { scripts } = await conformJson(...quirks.flatMap((quirk) => ['--without', quirk]), file);
    return scripts.filter(({ result }) => result === 'matched').map(({ id }) => id);
  };
  t.deepEqual(await matched(H2), ['H-0066']);
  t.deepEqual(await matched(H5), ['H-0034']);
  t.deepEqual(await matched(H2, H5), []);
  t.deepEqual(await matched(P7, H3), ['H-0034', 'H-0066']);
  const { code, stderr } = await conform('--without', 'x86-detach-keeps-breakpoint', file);
  t.is(code, 2);
  t.regex(stderr, /there is no quirk x86-detach-keeps-breakpoint\n.*did you mean x86-detach-keeps-breakpoints\?/);
});
