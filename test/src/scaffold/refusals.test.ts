import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createArch } from '@hwbp/create-arch';
import { createConsumer } from '@hwbp/create-consumer';
import type { Initializer } from '@hwbp/scaffold';
import test from 'ava';
import { create, folder, repository } from './made.js';

const ARCH: readonly (readonly [args: string, message: RegExp])[] = [
  ['', /the name \(nothing\): expected small letters/],
  ['Kite', /the name Kite: expected small letters, digits and single hyphens/],
  ['../kite', /the name \.\.\/kite: expected small letters/],
  ['enum', /the name enum: a function is called so, and TypeScript keeps the word/],
  ['kite --data two', /--data two: expected a whole number from 0 to 30/],
  ['kite --data 31', /--data 31: expected a whole number from 0 to 30/],
  ['kite --data 20 --instruction 11', /--instruction 11: expected a whole number from 0 to 10/],
  ['kite --data 0 --instruction 0', /a chip without any register needs no backend/],
  ['kite --shared 2 --data 1', /--shared is one pool for both classes: leave --data and --instruction out/],
  ['kite --access r,q', /--access q: expected r or w or rw or x/],
  ['kite --access r,r', /--access r,r: expected each kind once/],
  ['kite --access r', /nothing uses those of --instruction 1; list x, or --instruction 0/],
  ['kite --access x', /nothing uses the registers of --data 2; list r, w or rw, or --data 0/],
  ['kite --data 0 --access r,x', /--access r,x: no register watches r; give it some with --data or --shared/],
  ['kite --lengths 4,2,4', /--lengths 4,2,4: expected each number once/],
  ['kite --lengths 8-1', /--lengths 8-1: expected a range from the smaller number to the larger/],
  ['kite --lengths 0', /--lengths 0: expected a whole number from 1 to 4096/],
  ['kite --lengths=', /--lengths \(nothing\): registers that watch data need a length/],
  ['kite --data 0 --grain 8', /--grain 8: it is about data, which no register of this chip watches/],
  ['kite --grain 12', /--grain 12: expected a power of two/],
  ['kite --alignment granule --grain 4', /8 bytes do not fit into one block; use a larger grain/],
  ['kite --alignment nowhere', /--alignment nowhere: expected natural or any or granule/],
  ['kite --timing later', /--timing later: expected before or after/],
  ['kite --word-size 2', /--word-size 2: expected 4 or 8/],
  ['kite --byte-order middle', /--byte-order middle: expected little or big/],
  ['kite --in-repo', /--in-repo: .* is in no clone of hwbp/],
  ['kite --data', /option '--data <n>' argument missing/],
  ['kite --colour red', /unknown option '--colour'/],
  ['kite hawk', /too many arguments/],
];

const CONSUMER: readonly (readonly [args: string, message: RegExp])[] = [
  ['tally --scope world', /--scope world: expected task or kernel/],
  ['tally --access rwx', /--access rwx: expected r or w or rw or x/],
  ['tally --length 3', /--length 3: expected 1 or 2 or 4 or 8/],
  ['tally --access x --length 4', /--length 4: the architecture says how long an execute breakpoint is/],
];

for (const [initializer, refused] of [
  [createArch, ARCH],
  [createConsumer, CONSUMER],
] as const) {
  for (const [args, message] of refused) {
    test(`${initializer.command} ${args}: refused before anything is written`, async (t) => {
      const cwd = folder(t);
      const { code, out, err } = await create(initializer, cwd, args.split(' ').filter(Boolean));
      t.is(code, 1);
      t.regex(err, message);
      t.is(out, '');
      t.deepEqual(readdirSync(cwd), []);
    });
  }
}

test('a folder with something in it is refused, and stays as it is', async (t) => {
  const cwd = folder(t);
  mkdirSync(path.join(cwd, 'arch-kite'));
  writeFileSync(path.join(cwd, 'arch-kite/mine'), 'mine');
  const { code, err } = await create(createArch, cwd, ['kite']);
  t.is(code, 1);
  t.regex(err, /arch-kite is not empty: name another folder with --dir, or empty it/);
  t.deepEqual(readdirSync(path.join(cwd, 'arch-kite')), ['mine']);
  const onFile = await create(createArch, cwd, ['kite', '--dir', 'arch-kite/mine']);
  t.regex(onFile.err, /mine is a file: name another folder/);
  t.is((await create(createArch, cwd, ['kite', '--dir', 'deep/er'])).code, 0);
  mkdirSync(path.join(cwd, 'empty'));
  t.is((await create(createArch, cwd, ['kite', '--dir', 'empty'])).code, 0, 'an empty one will do');
});

/** Its second file cannot be written. */
const failing: Initializer = { ...createArch, files: () => ({ 'src/one': '1', 'src/one/two': '2' }) };

test('what fails while it is written leaves nothing: no half package, no new folder, no reference', async (t) => {
  const cwd = folder(t);
  for (const args of [['kite'], ['kite', '--dir', 'deep/er']]) {
    const { code, err } = await create(failing, cwd, args);
    t.is(code, 1);
    t.regex(err, /ENOTDIR|EEXIST/);
    t.deepEqual(readdirSync(cwd), []);
  }
  mkdirSync(path.join(cwd, 'empty'));
  await create(failing, cwd, ['kite', '--dir', 'empty']);
  t.deepEqual(readdirSync(path.join(cwd, 'empty')), [], 'an empty folder is still there');

  const root = repository(t);
  const references = readFileSync(path.join(root, 'tsconfig.json'), 'utf8');
  const listed = readdirSync(root);
  t.is((await create(failing, root, ['kite'])).code, 1);
  t.deepEqual(readdirSync(root), listed);
  t.is(readFileSync(path.join(root, 'tsconfig.json'), 'utf8'), references);

  writeFileSync(path.join(root, 'tsconfig.json'), '{ "files": [');
  await t.throwsAsync(create(createArch, root, ['kite']), { instanceOf: SyntaxError });
  t.deepEqual(readdirSync(root), listed, 'also where the repository cannot take it');
});
