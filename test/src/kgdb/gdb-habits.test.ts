import { execFileSync } from 'node:child_process';
import { x86 } from '@hwbp/arch-x86';
import { TARGET_DESCRIPTION, targetLayout } from '@hwbp/core';
import { gdbHabits } from '@hwbp/kgdb';
import test from 'ava';
import { GDB, testWith } from '../clients/need.js';
import { kernelWith } from './client.js';
import { ARCHITECTURES } from './scenarios/architectures.js';

const layout = (architecture: string) =>
  targetLayout({
    architecture,
    features: [{ name: 'x', registers: [{ name: 'pc', bits: 32 }] }],
    byteOrder: 'little',
    counter: 'pc',
  });
const manifest = (data: 'before' | 'after') => ({ access: ['w'], timing: { data, execute: 'before' } }) as const;

test('of the architectures here gdb takes nothing for granted that is not so', (t) => {
  for (const { create, name } of [...ARCHITECTURES, { name: 'x86, 32 bits', create: () => x86({ bits: 32 }) }]) {
    using kernel = kernelWith({ arch: create() });
    const description = kernel.facet(TARGET_DESCRIPTION) ?? t.fail();
    t.deepEqual(gdbHabits(description, kernel.breakpoints.manifest, { backed: false }), [], name);
  }
});

test('a timing that gdb does not expect, and steps that need bytes, are said', (t) => {
  const said = (architecture: string, data: 'before' | 'after', backed = true): string =>
    gdbHabits(layout(architecture), manifest(data), { backed }).join('\n');
  t.regex(said('riscv:rv32', 'after'), /takes it that riscv:rv32 stops before an access/);
  t.is(said('riscv:rv32', 'before'), '');
  t.regex(said('i386:x86-64', 'before'), /takes it that i386:x86-64 stops behind an access/);
  t.regex(said('avr', 'before'), /stops behind an access/);
  t.is(said('aarch64', 'before', false), '');
  t.regex(said('arm', 'before', false), /^gdb steps arm in software/);
  t.is(said('armv7', 'before'), '', 'a variant');
  t.is(gdbHabits(layout('mips'), { ...manifest('after'), access: ['x'] }, { backed: true }).length, 0, 'no watches');
});

testWith(GDB, 'gdb itself says what it takes for granted', async (t, executable) => {
  const ask = (architecture: string): string =>
    execFileSync(
      executable,
      ['-nx', '-batch', '-ex', `set architecture ${architecture}`, '-ex', 'maint print architecture'],
      { encoding: 'utf8', maxBuffer: 1 << 24, stdio: ['ignore', 'pipe', 'ignore'] },
    );
  for (const architecture of [
    'i386',
    'i386:x86-64',
    'powerpc:common64',
    'arm',
    'aarch64',
    'mips',
    'riscv:rv64',
    'avr',
  ]) {
    const before = /have_nonsteppable_watchpoint = 1/.test(ask(architecture));
    t.deepEqual(
      gdbHabits(layout(architecture), manifest(before ? 'before' : 'after'), { backed: true }),
      [],
      architecture,
    );
  }
});
