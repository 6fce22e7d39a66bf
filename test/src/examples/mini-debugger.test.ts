import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';

// From test/dist/examples.
const root = path.join(import.meta.dirname, '../../..');
const sources = path.join(root, 'examples/src/mini-debugger');

function run(name: string): string[] {
  const file = path.join(root, 'examples/dist/mini-debugger', name);
  return execFileSync(process.execPath, [file], { encoding: 'utf8' }).trimEnd().split('\n');
}

test('examples/mini-debugger: attaches, tells old and new value of every store, finds the one that is wrong, steps, detaches', (t) => {
  t.deepEqual(run('main.js'), [
    'attached to list-1 at 0x400f14; count is 0',
    'count: 0 -> 1, stored before 0x401008',
    'count: 1 -> 2, stored before 0x401008',
    'count: 2 -> 3, stored before 0x401008',
    'count: 3 -> 2, stored before 0x401048',
    'count: 2 -> 1, stored before 0x401048',
    'count: 1 -> 0, stored before 0x401048',
    'count: 0 -> 4294967295, stored before 0x401048',
    'stepped to 0x401040',
    'detached',
    'list-1 is alive, and 1 slot is still its own',
  ]);
});

test('examples/mini-debugger: the debugger is about 50 lines', (t) => {
  const lines = readFileSync(path.join(sources, 'mini-debugger.ts'), 'utf8').trimEnd().split('\n');
  t.true(lines.length <= 60, `${lines.length} lines`);
});

test("@hwbp/ptrace: the README's example is the file that it says, and shows what its comments say", (t) => {
  const readme = readFileSync(path.join(root, 'consumers/ptrace/README.md'), 'utf8');
  const [, example] = /```ts\n(.*?)```\n/s.exec(readme) ?? [];
  t.is(example, readFileSync(path.join(sources, 'readme.ts'), 'utf8'));
  const output = run('readme.js').join('\n');
  t.regex(output, /si_signo: 'SIGTRAP', si_code: 4, si_addr: 4198403n/);
  t.regex(output, /^4198403n$/m);
  t.regex(output, /Uint8Array\(4\) \[ 42, 0, 0, 0 \]/);
  t.true(output.endsWith(`${0xffff0ff1n}n`), output);
});

test("@hwbp/ptrace: the README's tables name every request of a tracer and every quirk of x86 that a debugger meets", async (t) => {
  const readme = readFileSync(path.join(root, 'consumers/ptrace/README.md'), 'utf8');
  const { Tracer } = await import('@hwbp/ptrace');
  const { X86_QUIRKS } = await import('@hwbp/arch-x86');
  const methods = Object.getOwnPropertyNames(Tracer.prototype).filter(
    // What an image has of it, and what its base class asks for, are the package's own business.
    (name) => !['constructor', 'tracees', 'save', 'restore', 'stoppedTracee'].includes(name),
  );
  t.true(methods.length > 10);
  for (const name of methods) t.true(readme.includes(`\`${name}(`), name);
  const met = X86_QUIRKS.filter(({ name }) => !/^x86-(kvm|range)-/.test(name));
  for (const { name } of met) t.true(readme.includes(`\`${name}\``), name);
});
