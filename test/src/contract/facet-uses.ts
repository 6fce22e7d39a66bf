import { arm64 } from '@hwbp/arch-arm64';
import { type Ppc64Cpu, ppc64 } from '@hwbp/arch-ppc64';
import { riscv64 } from '@hwbp/arch-riscv64';
import { x86 } from '@hwbp/arch-x86';
import {
  ARM64_USE,
  debugRegistersOfX86,
  PPC64_USE,
  RISCV64_USE,
  systemCallsOfX86,
  X86_USE,
} from '@hwbp/cli/facet-uses';
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
import { type FacetContractOptions, fakeBackend } from '@hwbp/testkit';

/** An architecture whose facets are under test, and how they are used. */
export type FacetUse = Pick<FacetContractOptions, 'createArchitecture' | 'debugRegisters' | 'systemCalls' | 'writable'>;

const X86_32_WRITABLE = { ...X86_USE.writable, userArea: { eflags: 0xffff_fdfdn } };

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
  ...PPC64_USE,
});

/** Every architecture of the project that offers facets. */
export const FACET_USES: Readonly<Record<string, FacetUse>> = {
  x86: { createArchitecture: () => x86(), ...X86_USE },
  'x86 of 32 bits': {
    createArchitecture: () => x86({ bits: 32 }),
    debugRegisters: debugRegistersOfX86(32),
    systemCalls: systemCallsOfX86(32),
    writable: X86_32_WRITABLE,
  },
  'x86 that accumulates DR6': {
    createArchitecture: () => x86({ accumulateDr6: true }),
    ...X86_USE,
  },
  power7: ppc64Use('power7'),
  power8: ppc64Use('power8'),
  'power8, big endian': ppc64Use('power8', 'big'),
  power9: ppc64Use('power9'),
  power10: ppc64Use('power10'),
  riscv64: { createArchitecture: () => riscv64(), ...RISCV64_USE },
  'riscv64, data after': { createArchitecture: () => riscv64({ dataTiming: 'after' }), ...RISCV64_USE },
  arm64: { createArchitecture: () => arm64(), ...ARM64_USE },
  'arm64 of two and two': { createArchitecture: () => arm64({ brps: 2, wrps: 2 }), ...ARM64_USE },
  'a fake': { createArchitecture: fakeWithFacets },
};
