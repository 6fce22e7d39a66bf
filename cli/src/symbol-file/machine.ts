import type { ArchManifest } from '@hwbp/core';
import { EM_AARCH64, EM_PPC64, EM_RISCV, EM_X86_64 } from '../elf/machines.js';

/** What a symbol file says of the machine that it is for. */
export interface SymbolMachine {
  /** e_machine. */
  readonly machine: number;
  /** e_flags. */
  readonly flags: number;
  readonly little: boolean;
  /** DWARF's numbers of the stack pointer, and of where a frame's return address is kept. */
  readonly stack: number;
  readonly returns: number;
}

/** The second version of the ABI: functions are their code, without descriptors. */
const EF_PPC64_ABI = 2;

/** By the first word of an architecture's name. The registers' numbers are those of each processor's ABI supplement. */
const MACHINES: Readonly<Record<string, Omit<SymbolMachine, 'little'>>> = {
  x86: { machine: EM_X86_64, flags: 0, stack: 7, returns: 16 },
  ppc64: { machine: EM_PPC64, flags: EF_PPC64_ABI, stack: 1, returns: 65 },
  arm64: { machine: EM_AARCH64, flags: 0, stack: 31, returns: 30 },
  riscv64: { machine: EM_RISCV, flags: 0, stack: 2, returns: 1 },
};

/** The machine of an architecture; `undefined`: gdb's files have no name for it here, or it is one of 32 bits. */
export function symbolMachine({ name, byteOrder, wordSize }: ArchManifest): SymbolMachine | undefined {
  const known = MACHINES[name.split(' ', 1)[0] as string];
  if (known === undefined || wordSize !== 8) return undefined;
  return { ...known, little: byteOrder === 'little' };
}
