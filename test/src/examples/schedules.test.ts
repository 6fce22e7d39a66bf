import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { findRace } from '@hwbp/examples/find-race';
import { lottery } from '@hwbp/examples/lottery';
import { schedulingContract } from '@hwbp/testkit';
import test from 'ava';

// From test/dist/examples.
const root = path.join(import.meta.dirname, '../../..');
const sourceOf = (name: string): string => readFileSync(path.join(root, `examples/src/schedules/${name}.ts`), 'utf8');

test('what the README of @hwbp/schedulers shows are files that are compiled, and they print what it says', (t) => {
  const readme = readFileSync(path.join(root, 'schedulers/README.md'), 'utf8');
  const blocks = [...readme.matchAll(/```(?:ts|text)\n(.*?)```\n/gs)].map(([, block]) => block);
  t.deepEqual(blocks, [sourceOf('compose'), sourceOf('find-race'), `${findRace().join('\n')}\n`]);
  const printed = execFileSync(process.execPath, [path.join(root, 'examples/dist/schedules/compose.js')], {
    encoding: 'utf8',
  });
  const said = [...(blocks[0] ?? '').matchAll(/\/\/ prints: (.*)\n/g)].map(([, text]) => text);
  t.deepEqual(printed.trimEnd().split('\n'), said);
});

// A class from outside of core and of the package.
schedulingContract({
  test,
  name: 'lottery',
  taskScheduler: lottery,
  parameters: { good: [{ tickets: 1 }, { tickets: 3 }, { tickets: 50 }], wrong: [[{ tickets: 0 }, 'tickets']] },
  random: true,
});
