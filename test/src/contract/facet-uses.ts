import { type Ppc64Cpu, ppc64 } from '@hwbp/arch-ppc64';
import { riscv64 } from '@hwbp/arch-riscv64';
import { x86 } from '@hwbp/arch-x86';
import {
  type Architecture,
  architecture,
  type Context,
  offer,
  TARGET_DESCRIPTION,
  type TargetDescription,
  TRAP_INSTRUCTION,
  targetLayout,
  USER_AREA,
  type UserArea,
  type UserAreaField,
} from '@hwbp/core';
import { type DebugRegisterUse, type FacetContractOptions, fakeBackend } from '@hwbp/testkit';

/** An architecture whose facets are under test, and how they are used. */
export type FacetUse = Pick<FacetContractOptions, 'createArchitecture' | 'debugRegisters' | 'writable'>;

/** A debugger of x86 watches by DR1 and DR7: LEN of a word, R/W 01, L1. */
const drUse = (bits: 64 | 32): DebugRegisterUse => {
  const len = bits === 64 ? 0b10n : 0b11n;
  const control = (len << 22n) | (0b01n << 20n) | (1n << 2n);
  return {
    watch: (address) => [
      [1, address],
      [7, control],
    ],
    unwatch: () => [[7, 0n]],
    refused: (address) => [
      [4, 0n],
      [5, 1n],
      // I/O; 8 bytes misaligned; execution of more than a byte; a second one that cannot be beside a first that can.
      [7, (control & ~(3n << 20n)) | (0b10n << 20n)],
      [1, address + 1n],
      [7, (0b01n << 22n) | (1n << 2n)],
      [7, (control & ~(0b11n << 22n)) | (0b10n << 24n) | (1n << 4n)],
      [1, bits === 64 ? 0xffff_8880_0000_0000n : 0xe000_0000n],
    ],
  };
};

/** Two flags are always set: bit 1, and interrupts. */
const X86_WRITABLE = { target: { eflags: 0xffff_fdfdn }, userArea: { eflags: 0xffff_ffff_ffff_fdfdn } };
const X86_32_WRITABLE = { ...X86_WRITABLE, userArea: X86_WRITABLE.target };

/** A debugger of ppc64 watches by a value like DABR's: stores, translated; a hit is the last one. */
const DABR: DebugRegisterUse = {
  watch: (address) => [[0, address | 0b110n]],
  unwatch: () => [[0, 0n]],
  refused: (address) => [
    [0, address | 0b010n],
    [0, address],
    [0, 0xc000_0000_0000_0006n],
  ],
  oneShot: true,
};

const PPC64_WRITABLE = {
  target: { msr: 0x400n },
  userArea: { msr: 0x400n, softe: 0n, trap: 0xfff0n, dar: 0n, dsisr: 0n, result: 0n },
};

/** A fake with two facets, made of lists as an author would. */
function fakeWithFacets(): Architecture {
  const names = ['a0', 'a1', 'sp', 'pc'];
  const layout = targetLayout({
    architecture: 'fake',
    features: [{ name: 'org.example.fake', registers: names.map((name) => ({ name, bits: 64 })) }],
    byteOrder: 'little',
    counter: 'pc',
  });
  const description: TargetDescription = {
    ...layout,
    read: (context: Context, register) =>
      register === layout.counter ? context.pc : context.get(names[register] ?? ''),
    write(context, register, value) {
      const kept = BigInt.asUintN(64, value);
      if (register === layout.counter) context.pc = kept;
      else context.set(names[register] ?? '', kept);
    },
  };
  const fields = names.map((name): UserAreaField => ({ kind: 'general', name }));
  const area: UserArea = {
    wordSize: 8,
    size: 8 * names.length,
    generalRegisters: names,
    field: (offset) => fields[offset / 8],
    debugOffset: () => undefined,
    getRegister: ({ context, resumePoint }, name) =>
      name === 'pc' ? (BigInt(resumePoint.pcHi) << 32n) | BigInt(resumePoint.pcLo) : context.get(name),
    setRegister({ context, resumePoint }, name, value) {
      if (name !== 'pc') {
        context.set(name, BigInt.asUintN(64, value));
        return;
      }
      resumePoint.pcHi = Number((value >> 32n) & 0xffff_ffffn);
      resumePoint.pcLo = Number(value & 0xffff_ffffn);
    },
  };
  return architecture(fakeBackend(), {
    facets: [
      offer(TARGET_DESCRIPTION, () => description),
      offer(USER_AREA, () => area),
      offer(TRAP_INSTRUCTION, () => ({ encodings: [Uint8Array.of(0, 0, 0, 1)], alignment: 4 })),
    ],
  });
}

const ppc64Use = (cpu: Ppc64Cpu, byteOrder: 'big' | 'little' = 'little'): FacetUse => ({
  createArchitecture: () => ppc64({ cpu, byteOrder }),
  debugRegisters: DABR,
  writable: PPC64_WRITABLE,
});

/** A debugger of riscv64 watches by the second pair: enabled, stores, 8 bytes. */
const PAIR: DebugRegisterUse = {
  watch: (address) => [
    [2, address],
    [3, 0x805n],
  ],
  unwatch: () => [[3, 0n]],
  refused: () => [
    [3, 0x801n],
    [3, 0x80fn],
    [3, 5n],
    [2, 0xffff_ffff_0000_0000n],
  ],
};

/** Every architecture of the project that offers facets. */
export const FACET_USES: Readonly<Record<string, FacetUse>> = {
  x86: { createArchitecture: () => x86(), debugRegisters: drUse(64), writable: X86_WRITABLE },
  'x86 of 32 bits': {
    createArchitecture: () => x86({ bits: 32 }),
    debugRegisters: drUse(32),
    writable: X86_32_WRITABLE,
  },
  'x86 that accumulates DR6': {
    createArchitecture: () => x86({ accumulateDr6: true }),
    debugRegisters: drUse(64),
    writable: X86_WRITABLE,
  },
  power7: ppc64Use('power7'),
  power8: ppc64Use('power8'),
  'power8, big endian': ppc64Use('power8', 'big'),
  power9: ppc64Use('power9'),
  power10: ppc64Use('power10'),
  riscv64: { createArchitecture: () => riscv64(), debugRegisters: PAIR, writable: { target: { zero: 0n } } },
  'a fake': { createArchitecture: fakeWithFacets },
};
