import { arm64 } from '@hwbp/arch-arm64';
import { ppc64 } from '@hwbp/arch-ppc64';
import { riscv64 } from '@hwbp/arch-riscv64';
import { x86 } from '@hwbp/arch-x86';
import type { Architecture } from '@hwbp/core';
import { arm64Registers } from './registers/arm64-registers.js';
import { power7Registers, power8Registers, power10Registers } from './registers/ppc64-registers.js';
import { riscv64Registers } from './registers/riscv64-registers.js';
import type { ReadRegisters } from './registers/unit-reader.js';
import { x86Registers } from './registers/x86-registers.js';

/** What debuggers in user space write to, where architectures differ. */
export type DebuggerInterface = 'x86' | 'ppc64' | 'arm64' | 'pairs';

/** An architecture and a model of it. */
interface Model {
  readonly create: () => Architecture;
  readonly registers: ReadRegisters;
  readonly debugger: DebuggerInterface;
}

function arm64Model(pools: { readonly wrps: number; readonly brps: number }): Model {
  return { create: () => arm64(pools), registers: arm64Registers(pools), debugger: 'arm64' };
}

/** What can be composed, by the name that a scenario has for it. */
export const MODELS = Object.freeze({
  x86: { create: () => x86(), registers: x86Registers, debugger: 'x86' },
  'x86-intel': { create: () => x86({ model: 'intel' }), registers: x86Registers, debugger: 'x86' },
  'x86-amd': { create: () => x86({ model: 'amd' }), registers: x86Registers, debugger: 'x86' },
  power7: { create: () => ppc64({ cpu: 'power7' }), registers: power7Registers, debugger: 'ppc64' },
  power8: { create: () => ppc64({ cpu: 'power8' }), registers: power8Registers, debugger: 'ppc64' },
  power9: { create: () => ppc64({ cpu: 'power9' }), registers: power8Registers, debugger: 'ppc64' },
  power10: { create: () => ppc64({ cpu: 'power10' }), registers: power10Registers, debugger: 'ppc64' },
  arm64: arm64Model({ wrps: 4, brps: 6 }),
  'arm64-fewest': arm64Model({ wrps: 2, brps: 2 }),
  'arm64-most': arm64Model({ wrps: 16, brps: 16 }),
  riscv64: { create: () => riscv64(), registers: riscv64Registers, debugger: 'pairs' },
  'riscv64-after': { create: () => riscv64({ dataTiming: 'after' }), registers: riscv64Registers, debugger: 'pairs' },
} satisfies Readonly<Record<string, Model>>);
