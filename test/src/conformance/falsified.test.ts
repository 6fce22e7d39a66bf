import test from 'ava';
import fc from 'fast-check';
import {
  conform,
  conformJson,
  type Difference,
  H,
  type Json,
  P,
  readScripts,
  Scratch,
  type Script,
} from './support.js';

const playable = readScripts(P);
/** Suites P and H. */
const both = [...playable, ...readScripts(H)];

/** Fields of a step that were recorded, not asked for. */
const RESULTS = ['ret', 'errno', 'stops', 'end', 'after'];
/** Further ones of single ops. */
const RESULTS_OF: Readonly<Record<string, readonly string[]>> = {
  peek: ['val'],
  read: ['value', 'values', 'enabled', 'running', 'times'],
};

type Path = readonly (string | number)[];

/** Every place inside a recorded value, itself included. */
function places(value: Json, path: Path): Path[] {
  if (typeof value !== 'object' || value === null) return [path];
  const inner = Object.entries(value).flatMap(([key, child]) =>
    places(child, [...path, Array.isArray(value) ? Number(key) : key]),
  );
  return [path, ...inner];
}

function resultPlaces({ steps }: Script): Path[] {
  return steps.flatMap((step, number) =>
    Object.entries(step)
      .filter(([key]) => RESULTS.includes(key) || RESULTS_OF[step.op]?.includes(key))
      .flatMap(([key, value]) => places(value, [number, key])),
  );
}

/** Another value of the same kind. */
function other(value: Json): Json {
  if (typeof value === 'number') return value + 1;
  if (typeof value === 'boolean') return !value;
  if (typeof value === 'string') return value.startsWith('0x') ? `0x${(BigInt(value) ^ 1n).toString(16)}` : `${value}?`;
  if (Array.isArray(value)) return [...value, 'one more'];
  return 'no object';
}

interface Falsified {
  readonly script: Script;
  readonly expected: Difference;
}

/** A copy in which one recorded value is another, or missing. */
function falsify(original: Script, id: string, pick: number, remove: boolean): Falsified {
  const script = { ...structuredClone(original), id };
  const candidates = resultPlaces(original);
  const path = candidates[pick % candidates.length] ?? [];
  const [number, ...inside] = path;
  const key = inside.at(-1);
  const step = script.steps[Number(number)];
  if (step === undefined || key === undefined) throw new Error('no such step');
  let holder: Json = step;
  for (const part of inside.slice(0, -1)) holder = (holder as { [key: string]: Json })[part] as Json;
  const object = holder as { [key: string]: Json };
  const value = object[key] as Json;
  const field = inside.join('.');
  const where = { step: Number(number), op: step.op };
  if (remove && !Array.isArray(holder)) {
    delete object[key];
    return { script, expected: { ...where, field, got: value } };
  }
  const changed = other(value);
  object[key] = changed;
  if (Array.isArray(value)) {
    // One element more: the difference is that element.
    return { script, expected: { ...where, field: `${field}.${value.length}`, expected: 'one more' } };
  }
  return { script, expected: { ...where, field, expected: changed, got: value } };
}

test('a recording with one value changed or missing is told at exactly that step and field, with both values', async (t) => {
  const mutation = fc.record({
    script: fc.nat({ max: both.length - 1 }),
    pick: fc.nat(),
    remove: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(mutation, { minLength: 1, maxLength: 150, size: 'max' }), async (mutations) => {
      using scratch = new Scratch();
      const falsified = mutations.map(({ script, pick, remove }, i) =>
        falsify(both[script] as Script, `F-${i}`, pick, remove),
      );
      const file = scratch.write(
        'falsified.jsonl',
        falsified.map((one) => one.script),
      );
      const { code, scripts, files } = await conformJson(file);
      if (code !== 1) throw new Error(`exit code ${code}`);
      if (files[0]?.differs !== falsified.length) throw new Error(`${files[0]?.differs} differ`);
      for (const [i, { expected }] of falsified.entries()) {
        const got = JSON.stringify(
          scripts[i]?.difference,
          Object.keys({ ...expected, ...scripts[i]?.difference }).sort(),
        );
        const wanted = JSON.stringify(expected, Object.keys({ ...expected, ...scripts[i]?.difference }).sort());
        if (got !== wanted) throw new Error(`${scripts[i]?.id}: expected ${wanted}, got ${got}`);
      }
    }),
    { numRuns: 4, endOnFailure: true },
  );
  t.pass();
});

test('a recording in which only an argument differs differs in what came of it, and in nothing before', async (t) => {
  using scratch = new Scratch();
  const original = playable[0] as Script;
  const at = original.steps.findIndex(({ op, stops }) => op === 'access' && Array.isArray(stops) && stops.length > 0);
  const changed = structuredClone(original);
  (changed.steps[at] as Script['steps'][number]).addr = '0x10000f00';
  const { scripts } = await conformJson(scratch.write('changed.jsonl', [changed]));
  t.like(scripts[0]?.difference, { step: at, op: 'access', field: 'stops.0' });
});

test('one script that differs among many: exit code 1, the others match', async (t) => {
  using scratch = new Scratch();
  const scripts = playable.slice(0, 5);
  const { script } = falsify(scripts[2] as Script, 'F-0', 7, false);
  const file = scratch.write('one.jsonl', scripts.with(2, script));
  const { code, stdout } = await conform(file);
  t.is(code, 1);
  t.is(stdout, `${file}: matched 4 of 5 scripts, 1 differ\n`);
});
