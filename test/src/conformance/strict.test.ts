import test from 'ava';
import { conformJson, type Difference, type Json, needsPerf, P, readScripts, type Script, script } from './support.js';

const recorded = readScripts(P).filter((one) => !needsPerf(one));
/** Played once, for every test. */
const strictly = conformJson('--strict', P);
const FRESH_67 = ['0xffff0ff0', '0x0'];

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

/** Which quirk a first difference comes from. */
function explain(one: Script, { step, op, field }: Difference): 'P4' | 'P6' | 'P7' | undefined {
  const child = String(one.steps[step]?.new);
  if (copiesAtFork(one, step) && [`after.dr.${child}.6`, `after.dr.${child}.7`].includes(field)) return 'P7';
  const task = String(one.steps[step]?.task);
  if (op === 'attach' && field.startsWith(`after.dr.${task}.`) && shows(one, keepsAtDetach, step)) return 'P6';
  // The slots that a refused write left behind: an address that fits them, or one slot fewer.
  if (op === 'poke' && ['ret', 'errno'].includes(field) && shows(one, refusedDr7, step)) return 'P4';
  return undefined;
}

test('--strict changes the first difference of a script to one of the three quirks, and of every one of them there are some', async (t) => {
  const { code, scripts, files } = await strictly;
  t.is(code, 1);
  const differing = scripts.filter(({ result }) => result === 'differs');
  t.is(files[0]?.differs, differing.length);
  const explained = differing.map(({ id, difference }) => {
    const one = script(recorded, id);
    return [id, difference === undefined ? undefined : explain(one, difference), difference] as const;
  });
  t.deepEqual(
    explained.filter(([, quirk]) => quirk === undefined),
    [],
    'unexplained',
  );
  for (const quirk of ['P4', 'P6', 'P7']) {
    t.true(
      explained.some(([, found]) => found === quirk),
      `a script that shows ${quirk}`,
    );
  }
});

test('--strict changes every script that shows P6 or P7, and none in which nothing forks, detaches or is refused', async (t) => {
  const { scripts } = await strictly;
  const differs = new Set(scripts.filter(({ result }) => result === 'differs').map(({ id }) => id));
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
  const [loose, strict] = await Promise.all([conformJson(P), strictly]);
  const others = (lines: typeof loose.scripts): string[] =>
    lines.filter(({ result }) => result === 'not played').map(({ id }) => id);
  t.deepEqual(others(strict.scripts), others(loose.scripts));
  t.is(strict.files[0]?.matched, 271 - (strict.files[0]?.differs ?? 0));
});
