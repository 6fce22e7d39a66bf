import test from 'ava';
import { checkCircles } from './check-circles.js';
import { sourcesOf } from './repository.js';

test('no more than two files of a package import each other in a circle', (t) => {
  const all = sourcesOf(() => true);
  t.true(
    all.some(({ path }) => path === 'consumers/kgdb/src/rsp/stub.ts'),
    'the sources were found',
  );
  t.is(checkCircles(all).join('\n'), '');
});

/** Made-up files of one package: who imports whom, `a>b c` for each. */
function say(...files: readonly string[]): string[] {
  const sources = files.map((text) => {
    const [name = '', imports = ''] = text.split('>');
    const lines = imports.split(' ').filter(Boolean);
    return {
      path: `cli/src/${name}.ts`,
      text: `// A comment.\n${lines.map((to) => `import type { X } from './${to}.js';\n`).join('')}`,
    };
  });
  return checkCircles(sources);
}

test('checker: two files may know each other, chains and diamonds are no circles', (t) => {
  t.deepEqual(say('a>b', 'b>a'), []);
  t.deepEqual(say('a>b c', 'b>d', 'c>d', 'd>e', 'e>'), []);
  t.deepEqual(say('a>b', 'b>a c', 'c>d', 'd>c'), [], 'two pairs in a row are two pairs');
  t.deepEqual(say('a>a'), []);
});

test('checker: a circle of three is named with its files and the import to turn', (t) => {
  t.deepEqual(say('x>a', 'a>b', 'b>y c', 'c>a', 'y>'), [
    'cli: a circle of 3 files: cli/src/a.ts, cli/src/b.ts, cli/src/c.ts; ' +
      'turn cli/src/a.ts:2, which imports cli/src/b.ts: let it declare what it needs of that',
  ]);
});

test('checker: the import to turn is the one that leaves least of the circle', (t) => {
  const [violation = ''] = say(
    'stub>index outcome',
    'index>p q r',
    'p>outcome',
    'q>outcome',
    'r>outcome',
    'outcome>stub',
  );
  t.regex(violation, /a circle of 6 files/);
  t.regex(violation, /turn cli\/src\/(outcome\.ts:2, which imports cli\/src\/stub)/);
});

test('checker: every circle of a package is named, the largest first', (t) => {
  const found = say('a>b', 'b>c', 'c>a', 'd>e', 'e>f', 'f>g', 'g>d');
  t.is(found.length, 2);
  t.regex(found[0] ?? '', /a circle of 4 files/);
  t.regex(found[1] ?? '', /a circle of 3 files/);
});

test('checker: every form of import counts, and files of other packages do not', (t) => {
  const forms = [
    "import { X } from './b.js';",
    "import type { X } from './b.js';",
    "export * from './b.js';",
    "export type { X } from './b.js';",
    "export type X = import('./b.js').X;",
    "export const x = import('./b.js');",
  ];
  for (const form of forms) {
    const text = (to: string): string => form.replace('/b.js', `/${to}.js`);
    const files = [
      { path: 'core/src/a.ts', text: text('b') },
      { path: 'core/src/b.ts', text: text('deep/c') },
      { path: 'core/src/deep/c.ts', text: text('../a') },
    ];
    t.is(checkCircles(files).length, 1, form);
    const [a, b, c] = files;
    if (a === undefined || b === undefined || c === undefined) return t.fail();
    t.deepEqual(checkCircles([a, b, { ...c, path: 'cli/src/c.ts' }]), []);
  }
});
