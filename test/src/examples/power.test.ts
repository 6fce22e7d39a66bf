import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';

// From test/dist/examples.
const root = path.join(import.meta.dirname, '../../..');

function play(scene: string): string {
  const file = path.join(root, 'examples/dist/power/main.js');
  return execFileSync(process.execPath, [file, scene], { encoding: 'utf8' });
}

test("hotplug, suspend, hibernation, kexec and crash: @hwbp/core's README shows what the example prints", (t) => {
  const readme = readFileSync(path.join(root, 'core/README.md'), 'utf8');
  const blocks = [...readme.matchAll(/```text\n(.*?)```\n/gs)].map(([, block]) => block);
  t.deepEqual(blocks, ['hotplug', 'suspend', 'hibernate', 'kexec', 'crash'].map(play));
});
