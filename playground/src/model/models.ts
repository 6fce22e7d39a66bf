import { arm64 } from '@hwbp/arch-arm64';
import { type Ppc64Cpu, ppc64 } from '@hwbp/arch-ppc64';
import { type Riscv64Options, riscv64 } from '@hwbp/arch-riscv64';
import { x86 } from '@hwbp/arch-x86';
import type { Architecture } from '@hwbp/core';
import { arm64Registers } from './registers/arm64-registers.js';
import { ppc64Registers } from './registers/ppc64-registers.js';
import { riscv64Registers } from './registers/riscv64-registers.js';
import type { ReadRegisters } from './registers/unit-reader.js';
import { amdRegisters, intelRegisters } from './registers/x86-registers.js';

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

function ppc64Model(cpu: Ppc64Cpu): Model {
  return { create: () => ppc64({ cpu }), registers: ppc64Registers(cpu), debugger: 'ppc64' };
}

function riscv64Model(options: Riscv64Options = {}): Model {
  const { triggerType = 'mcontrol6' } = options;
  return { create: () => riscv64(options), registers: riscv64Registers({ triggerType }), debugger: 'pairs' };
}

/** What can be composed, by the name that a scenario has for it. */
export const MODELS = Object.freeze({
  x86: { create: () => x86(), registers: intelRegisters, debugger: 'x86' },
  'x86-intel': { create: () => x86({ model: 'intel' }), registers: intelRegisters, debugger: 'x86' },
  'x86-amd': { create: () => x86({ model: 'amd' }), registers: amdRegisters, debugger: 'x86' },
  power7: ppc64Model('power7'),
  power8: ppc64Model('power8'),
  power9: ppc64Model('power9'),
  power10: ppc64Model('power10'),
  arm64: arm64Model({ wrps: 4, brps: 6 }),
  'arm64-fewest': arm64Model({ wrps: 2, brps: 2 }),
  'arm64-most': arm64Model({ wrps: 16, brps: 16 }),
  riscv64: riscv64Model(),
  'riscv64-after': riscv64Model({ dataTiming: 'after' }),
  'riscv64-mcontrol': riscv64Model({ triggerType: 'mcontrol' }),
} satisfies Readonly<Record<string, Model>>);
