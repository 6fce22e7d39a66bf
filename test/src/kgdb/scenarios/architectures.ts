import { arm64 } from '@hwbp/arch-arm64';
import { ppc64 } from '@hwbp/arch-ppc64';
import { x86 } from '@hwbp/arch-x86';
import type { Architecture } from '@hwbp/core';

/** An architecture that the scenarios are played on, and what gdb has to be told of it where no program does. */
export interface Subject {
  readonly name: string;
  readonly gdb: readonly string[];
  create(): Architecture;
}

export const ARCHITECTURES: readonly Subject[] = [
  { name: 'x86', gdb: [], create: () => x86() },
  { name: 'ppc64 power8', gdb: ['set endian little'], create: () => ppc64({ cpu: 'power8' }) },
  { name: 'arm64', gdb: [], create: () => arm64() },
];
