import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';

// From test/dist/examples.
const root = path.join(import.meta.dirname, '../../..');

function play(...args: readonly string[]): string {
  const file = path.join(root, 'examples/dist/kwatch/main.js');
  return execFileSync(process.execPath, [file, ...args], { encoding: 'utf8' });
}

test("002-9: the scenario of the mail, step by step: @hwbp/kwatch's README shows it as it is, and the pessimistic variant", (t) => {
  const readme = readFileSync(path.join(root, 'consumers/kwatch/README.md'), 'utf8');
  const blocks = [...readme.matchAll(/```text\n(.*?)```\n/gs)].map(([, block]) => block);
  t.deepEqual(blocks, [play(), play('maximum').split('\n').slice(7).join('\n')]);
});

test("@hwbp/kwatch: the README's example is the file that it says, and shows what its comments say", (t) => {
  const readme = readFileSync(path.join(root, 'consumers/kwatch/README.md'), 'utf8');
  const [, example] = /```ts\n(.*?)```\n/s.exec(readme) ?? [];
  t.is(example, readFileSync(path.join(root, 'examples/src/kwatch/readme.ts'), 'utf8'));
  const file = path.join(root, 'examples/dist/kwatch/readme.js');
  const said = [...(example ?? '').matchAll(/\/\/ prints: (.*)\n/g)].map(([, text]) => text);
  t.deepEqual(execFileSync(process.execPath, [file], { encoding: 'utf8' }).trimEnd().split('\n'), said);
});
