import { type ArchManifest, defineManifest, type RegisterRoles } from '@hwbp/core';
import { X_REGISTERS } from './facets/registers.js';
import type { Riscv64Config } from './options.js';

/** Linux's Documentation/arch/riscv/vm-layout.rst: the direct map is as large as what lies between it and modules. */
const LAYOUTS = {
  sv39: {
    taskSize: 0x40_0000_0000n,
    kernelStart: 0xffff_ffc0_0000_0000n,
    directMap: 0xffff_ffd6_0000_0000n,
    directMapSize: 124n << 30n,
  },
  sv48: {
    taskSize: 0x8000_0000_0000n,
    kernelStart: 0xffff_8000_0000_0000n,
    directMap: 0xffff_af80_0000_0000n,
    directMapSize: 64n << 40n,
  },
} as const;

/** The number in a7 (arch/riscv/include/asm/syscall.h); saved registers survive calls. */
const ROLES: RegisterRoles = Object.freeze({
  number: 'a7',
  args: Object.freeze(['a0', 'a1', 'a2', 'a3', 'a4', 'a5']),
  result: 'a0',
  stack: 'sp',
  general: Object.freeze(['s0', 's1', 's2', 's3', 's4', 's5', 's6', 's7']),
  names: Object.freeze([...X_REGISTERS, 'orig_a0']),
});

/** What a hart with these triggers can do. */
export function manifestOf(config: Riscv64Config): ArchManifest {
  const { triggers, largestRange, dataTiming, virtualMemory, compareValues } = config;
  return defineManifest({
    name: 'riscv64',
    slots: { data: triggers, instruction: triggers, shared: true },
    registerNames: Array.from({ length: triggers }, (_, register) => `trigger ${register}`),
    access: ['r', 'w', 'rw', 'x'],
    dataLengths: [1, 2, 4, 8],
    // The size of a long, as everywhere; compressed instructions begin at even addresses.
    executeLength: 8,
    instructionAlignment: 2,
    alignment: 'natural',
    granule: 8,
    timing: { data: dataTiming, execute: 'before' },
    compares: compareValues,
    privilegeFilter: true,
    // Every power of two, at multiples of itself.
    longestRange: largestRange > 8 ? largestRange : 0,
    wordSize: 8,
    pageSize: 4096,
    roles: ROLES,
    ...LAYOUTS[virtualMemory],
  });
}
