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

test('a made-up chip: red case by case from the answers, green with a patch, five defects, a demo', async (t) => {
  const cwd = folder(t);
  const made = await node(cwd, path.join(ROOT, 'create-arch/bin/create-arch.js'), ...KITE);
  t.is(made.code, 0, made.output);
  const kite = new Made(path.join(cwd, 'arch-kite'));
  t.deepEqual(await kite.build(), { code: 0, output: '' });

  const before = await kite.test();
  t.true(before.red.length > 200, `${before.red.length} red`);
  t.deepEqual([...nextOf(before.red)].sort(), ['fetch', 'retire', 'write']);
  for (const red of before.red) t.regex(red, /\(docs\/writing-a-backend\.md, section \d\)/);
  t.is(before.green, 12, 'what the answers tell: the manifest and parse');
  const early = await kite.defects();
  t.is(early.code, 1);
  t.regex(early.output, /^\d+ of \d+ cases are red without any defect: npm test first\n.*write next: write\(\)/);

  const byHand = await kite.patch('kite');
  t.deepEqual(await kite.build(), { code: 0, output: '' });
  const after = await kite.test();
  t.deepEqual(after.red, []);
  t.true(after.green > 200, `${after.green} green`);
  t.true(byHand <= 40, `${byHand} lines by hand`);
  t.log(`${byHand} lines by hand from the answers to green`);

  const { code, output } = await kite.defects();
  t.is(code, 0, output);
  t.deepEqual(output.match(/^\S+ .*\n +by \S+/gm), [
    'found      the first byte of an access alone is compared\n           by silicon/hits-if-any-byte-is-shared,',
    'found      an execute breakpoint is never passed by\n           by silicon/resume-suppresses-an-execute-fault',
    'found      a reset leaves the registers as they are\n           by silicon/reset-disarms-every-register,',
    'found      the driver keeps the unit that it was made with\n           by driver/looks-its-unit-up-where-it-uses-it,',
    'found      bits of bp_type that nobody knows are taken\n           by driver/unknown-bits-of-the-type-are-refused',
  ]);
  t.regex((await kite.demo()).output, /the breakpoint was hit 5 times/);
});

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
  t.is(JSON.parse(kite.read('package.json')).name, '@hwbp/arch-kite');
  t.deepEqual(
    JSON.parse(kite.read('../tsconfig.json')).references.map((reference: { path: string }) => reference.path),
    ['core', 'arch-x86', 'arch-kite', 'consumers/kgdb', 'testkit'],
  );
  t.deepEqual(await kite.build(), { code: 0, output: '' });
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
