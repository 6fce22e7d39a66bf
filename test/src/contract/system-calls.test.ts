import { program } from '@hwbp/core';
import { linuxSystemCalls, NUMBERS } from '@hwbp/syscalls';
import { systemCallContract } from '@hwbp/testkit';
import test from 'ava';
import { FACET_USES } from './facet-uses.js';

for (const [name, { createArchitecture, systemCalls }] of Object.entries(FACET_USES)) {
  if (systemCalls !== undefined) systemCallContract({ test, name, createArchitecture, systemCalls });
}

for (const [of, numbers] of [
  ['x86', NUMBERS.x86_64],
  ['x86 of 32 bits', NUMBERS.i386],
  ['power8, big endian', NUMBERS.ppc64],
  ['arm64', NUMBERS.arm64],
  ['riscv64', NUMBERS.riscv64],
] as const) {
  const { createArchitecture, systemCalls } = FACET_USES[of] ?? {};
  if (createArchitecture === undefined || systemCalls === undefined) throw new TypeError(`${of} makes no calls`);
  // The suite's tasks are generators, which nobody can copy.
  const createTables = () => [linuxSystemCalls({ numbers, child: () => program([]) })];
  systemCallContract({ test, name: `linux calls of ${of}`, createArchitecture, systemCalls, createTables });
}
