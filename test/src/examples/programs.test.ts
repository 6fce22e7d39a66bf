import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { ROOT } from '../replay/run-cli.js';

const FILES = ['descriptions', 'counting', 'built'];

test('docs/programs.md: each example is the file that it is said to be, and prints what its comments say', (t) => {
  const manual = readFileSync(path.join(ROOT, 'docs/programs.md'), 'utf8');
  const examples = [...manual.matchAll(/```ts\n(.*?)```\n/gs)].map(([, text]) => text);
  const sources = FILES.map((name) => readFileSync(path.join(ROOT, `examples/src/routines/${name}.ts`), 'utf8'));
  t.deepEqual(examples, sources);
  for (const [index, name] of FILES.entries()) {
    const file = path.join(ROOT, `examples/dist/routines/${name}.js`);
    const wanted = [...(sources[index] ?? '').matchAll(/\/\/ prints: (.*)\n/g)].map(([, text]) => text);
    t.deepEqual(execFileSync(process.execPath, [file], { encoding: 'utf8' }).trimEnd().split('\n'), wanted);
  }
});
