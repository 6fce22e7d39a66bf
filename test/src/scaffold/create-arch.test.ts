import { statSync } from 'node:fs';
import path from 'node:path';
import { createArch } from '@hwbp/create-arch';
import test from 'ava';
import { debugging, gdb } from '../cli/debugging.js';
import { GDB, testWith } from '../clients/need.js';
import { ROOT } from '../replay/run-cli.js';
import { create, folder, Made, nextOf, node, repository } from './made.js';

/** A chip that nobody has built: reported before, blocks of 4 bytes, a pool for each class. */
const KITE = [
  ...['kite', '--data', '2', '--instruction', '1', '--access', 'r,w,rw,x', '--lengths', '1-16'],
  ...['--alignment', 'any', '--timing', 'before', '--grain', '4', '--word-size', '4', '--byte-order', 'little'],
];

/** One pool for both, loads cannot be watched, stores are reported after, no single step. */
const HAWK = ['hawk', '--shared', '2', '--access', 'w,x', '--no-single-step', '--byte-order', 'big'];

/** A chip from its answers and the patch of its name. */
interface MadeUp {
  readonly args: readonly string[];
  /** Methods that the first failures of the cases name, before the patch. */
  readonly next: readonly string[];
  /** The planted defects, and the case that finds each. */
  readonly found: readonly (readonly [defect: string, id: string])[];
}

const FIRST_BYTE = ['the first byte of an access alone is compared', 'silicon/hits-if-any-byte-is-shared'] as const;
const PASSED_BY = ['an execute breakpoint is never passed by', 'silicon/resume-suppresses-an-execute-fault'] as const;
const RESET = ['a reset leaves the registers as they are', 'silicon/reset-disarms-every-register'] as const;
const KEEPS = ['the driver keeps the unit that it was made with', 'driver/looks-its-unit-up-where-it-uses-it'] as const;
const UNKNOWN = ['bits of bp_type that nobody knows are taken', 'driver/unknown-bits-of-the-type-are-refused'] as const;
const FAULT = [
  'what a fault has interrupted is reported by the next instruction',
  'silicon/discard-forgets-every-register',
] as const;

const CHIPS: readonly MadeUp[] = [
  { args: KITE, next: ['fetch', 'retire', 'write'], found: [FIRST_BYTE, PASSED_BY, RESET, KEEPS, UNKNOWN] },
  { args: HAWK, next: ['discard', 'fetch', 'write'], found: [FIRST_BYTE, FAULT, PASSED_BY, RESET, KEEPS] },
];

for (const { args, next, found } of CHIPS) {
  const [name = ''] = args;
  test(`${name}, a made-up chip: red case by case, green with a patch, five defects, a demo`, async (t) => {
    const cwd = folder(t);
    const made = await node(cwd, path.join(ROOT, 'create-arch/bin/create-arch.js'), ...args);
    t.is(made.code, 0, made.output);
    const chip = new Made(path.join(cwd, `arch-${name}`));
    t.deepEqual(await chip.build(), { code: 0, output: '' });

    const before = await chip.test();
    t.true(before.red.length > 180, `${before.red.length} red`);
    t.deepEqual([...nextOf(before.red)].sort(), next);
    for (const red of before.red) t.regex(red, /\(docs\/writing-a-backend\.md, section \d\)/);
    t.true(before.green >= 12, 'what the answers tell: the manifest, parse, the target description');
    const early = await chip.defects();
    t.is(early.code, 1);
    t.regex(early.output, /^\d+ of \d+ cases are red without any defect: npm test first\n.*write next: write\(\)/);

    const byHand = await chip.patch(name);
    t.deepEqual(await chip.build(), { code: 0, output: '' });
    const after = await chip.test();
    t.deepEqual(after.red, []);
    t.true(after.green > 180, `${after.green} green`);
    t.true(byHand <= 40, `${byHand} lines by hand`);
    t.log(`${byHand} lines by hand from the answers to green`);

    const { code, output } = await chip.defects();
    t.is(code, 0, output);
    const pairs = [...output.matchAll(/^found +(.*)\n +by ([^\s,]+)/gm)].map(([, defect, id]) => [defect, id]);
    t.deepEqual(pairs, found);
    t.regex((await chip.demo()).output, /the breakpoint was hit 5 times/);
  });
}

testWith(GDB, 'a real gdb steps the demo of a made-up chip, and watches', async (t, executable) => {
  const cwd = folder(t);
  t.is((await create(createArch, cwd, KITE)).code, 0);
  const kite = new Made(path.join(cwd, 'arch-kite'));
  await kite.patch('kite');
  let text = '';
  const { output } = await debugging([path.join(kite.directory, 'demo/kernel.config.ts')], async (port) => {
    const look = ['stepi', 'stepi', 'print/x $pc', 'watch *(int *) 0x20000', 'continue', 'continue', 'delete'];
    const more = ['print $r2', 'print $sp', 'break *0x10008', 'continue', 'print/x $pc', 'delete', 'continue'];
    text = await gdb(executable, port, undefined, ...look, ...more);
  });
  t.regex(text, /\$1 = 0x10008\n/, 'two steps');
  t.regex(text, /Old value = 0\nNew value = 1\n[\s\S]*Old value = 1\nNew value = 3\n/);
  t.regex(text, /\$2 = 3\n\$3 = 0\n/);
  t.regex(text, /Breakpoint 2, 0x0*10008 in [\s\S]*\$4 = 0x10008\n/);
  t.regex(text, /exited normally/);
  t.regex(output, /the breakpoint was hit 5 times/);
});

test('what is made of other answers compiles too', async (t) => {
  const cwd = folder(t);
  const chips = [
    ['plain'],
    ['pool', '--shared', '4', '--no-single-step'],
    ['loads', '--data', '30', '--instruction', '0', '--access', 'r', '--lengths', '8', '--timing', 'before'],
    ['granules', '--data', '1', '--instruction', '1', '--alignment', 'granule', '--grain', '8', '--byte-order', 'big'],
    ['code-only', '--shared', '2', '--access', 'x', '--word-size', '4', '--no-single-step'],
    ['both-before', '--shared', '1', '--access', 'rw,x', '--timing', 'before', '--no-single-step'],
  ];
  for (const args of chips) t.is((await create(createArch, cwd, args)).code, 0, args.join(' '));
  const all = { include: chips.map(([name]) => `arch-${name}`) };
  const options = JSON.parse(new Made(path.join(cwd, 'arch-plain')).read('tsconfig.json')).compilerOptions;
  const { symlinkSync, writeFileSync } = await import('node:fs');
  symlinkSync(path.join(ROOT, 'node_modules'), path.join(cwd, 'node_modules'));
  writeFileSync(path.join(cwd, 'tsconfig.json'), JSON.stringify({ compilerOptions: options, ...all }));
  const tsc = path.join(ROOT, 'node_modules/typescript/bin/tsc');
  t.deepEqual(await node(cwd, tsc, '-p', '.'), { code: 0, output: '' });
});

test('in a clone of hwbp: one of its packages, which its tsconfig.json references', async (t) => {
  const root = repository(t);
  const { code, out, err } = await create(createArch, path.join(root, 'consumers'), ['kite']);
  t.is(code, 0, err);
  t.regex(out, /^@hwbp\/arch-kite is in \.\.\/arch-kite: /);
  const kite = new Made(path.join(root, 'arch-kite'));
  const built = statSync(path.join(ROOT, 'core/dist/.tsbuildinfo')).mtimeMs;
  t.is(JSON.parse(kite.read('package.json')).name, '@hwbp/arch-kite');
  t.deepEqual(
    JSON.parse(kite.read('../tsconfig.json')).references.map((reference: { path: string }) => reference.path),
    ['core', 'arch-x86', 'arch-kite', 'consumers/kgdb', 'testkit'],
  );
  t.deepEqual(await kite.build(), { code: 0, output: '' });
  t.is(statSync(path.join(ROOT, 'core/dist/.tsbuildinfo')).mtimeMs, built, 'what others use is not built anew');
});

test('on a terminal it asks what no flag answers, and nothing that the answers leave no room for', async (t) => {
  const asked: string[] = [];
  const answers: Readonly<Record<string, string | boolean>> = { name: 'kite', access: 'x', singleStep: false };
  const cwd = folder(t);
  const { code, err } = await create(createArch, cwd, ['--shared', '3', '--word-size', '4'], ({ name, initial }) => {
    asked.push(name);
    return answers[name] ?? initial;
  });
  t.is(code, 0, err);
  t.deepEqual(asked, ['name', 'access', 'byteOrder', 'singleStep']);
  const manifest = new Made(path.join(cwd, 'arch-kite')).read('src/manifest.ts');
  t.regex(manifest, /slots: \{ data: 3, instruction: 3, shared: true \}/);
  t.regex(manifest, /access: \['x'\]/);
  t.regex(manifest, /singleStep: false/);
  t.regex(manifest, /wordSize: 4/);
});
