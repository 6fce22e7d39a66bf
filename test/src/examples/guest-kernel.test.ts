import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';

// From test/dist/examples.
const root = path.join(import.meta.dirname, '../../..');
const readme = readFileSync(path.join(root, 'examples/src/guest-kernel/README.md'), 'utf8');
const output = execFileSync(process.execPath, [path.join(root, 'examples/dist/guest-kernel/main.js')], {
  encoding: 'utf8',
});

test("examples/guest-kernel: the README's picture is what the example prints", (t) => {
  const [, picture] = /```\n( +us .*?)```\n/s.exec(readme) ?? [];
  t.is(picture, output);
});

test('examples/guest-kernel: everybody has the registers, and is told of what is his own', (t) => {
  const lanes = output.split('\n').map((line) => line.indexOf('#'));
  for (const lane of [9, 25, 41, 57]) t.true(lanes.filter((at) => at === lane).length >= 2, `column ${lane}`);
  t.regex(output, /total = 1\n.* {3}#\n.*total = 2\n/s);
  t.regex(output, /host: {2}2 stores to its jiffies traced, of timer-1\n/);
  t.regex(output, /beta: {2}its own watch was hit 5 times\n$/);
});
