import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { X86_QUIRKS } from '@hwbp/arch-x86';
import { GuestDebugger, KVM_ERRORS } from '@hwbp/kvm';
import test from 'ava';

// From test/dist/kvm.
const root = path.join(import.meta.dirname, '../../..');
const readme = readFileSync(path.join(root, 'consumers/kvm/README.md'), 'utf8');

test('the codes of KVM are API: this list changes only on purpose', (t) => {
  t.deepEqual(KVM_ERRORS, {
    KVM_ENDED: 'ENODEV',
    KVM_NAME_TAKEN: 'EBUSY',
    KVM_DEBUGGED: 'EBUSY',
    KVM_NOT_DEBUGGED: 'ESRCH',
    KVM_NO_REGISTER: 'ENOSPC',
  });
});

test("@hwbp/kvm: the README's tables name every error, every quirk of guests and what a guest's debugger can do", (t) => {
  for (const [code, errno] of Object.entries(KVM_ERRORS)) t.true(readme.includes(`| \`${code}\` | ${errno} |`), code);
  for (const { name } of X86_QUIRKS.filter((quirk) => quirk.name.includes('kvm'))) t.true(readme.includes(name), name);
  const told = ['constructor', 'name', 'manifest', 'run', 'interrupt', 'present', 'takes', 'entering', 'ran', 'exited'];
  for (const name of Object.getOwnPropertyNames(GuestDebugger.prototype)) {
    if (!told.includes(name)) t.regex(readme, new RegExp(`\`${name}[\`(]`), name);
  }
});

test("@hwbp/kvm: the README's example is the file that it says, and prints what its comments say", (t) => {
  const [, example] = /```ts\n(.*?)```\n/s.exec(readme) ?? [];
  t.is(example, readFileSync(path.join(root, 'examples/src/guest-kernel/readme.ts'), 'utf8'));
  const file = path.join(root, 'examples/dist/guest-kernel/readme.js');
  const output = execFileSync(process.execPath, [file], { encoding: 'utf8' });
  t.regex(output, /^guest: 4198403\n\{ entries: \d+, exits: \{ db: 1, /);
});
