import { CPU_MODELS, type Ppc64Cpu, Ppc64DebugUnit, ppc64, SPR } from '@hwbp/arch-ppc64';
import { riscv64 } from '@hwbp/arch-riscv64';
import { X86DebugUnit, x86 } from '@hwbp/arch-x86';
import { architecture, type ExecutionState, nullBackend } from '@hwbp/core';
import type { KnownArchitecture } from './architecture.js';
import { PPC64_USE, RISCV64_USE, X86_USE } from './facet-uses.js';

function ppc64OnCpu(cpu: Ppc64Cpu): KnownArchitecture {
  return {
    create: (options) => ppc64({ cpu, ...options }),
    facetUse: PPC64_USE,
    machine: 'ppc64le',
    cpu: `simulated ${cpu.toUpperCase()}`,
    control: ({ unit }) =>
      unit instanceof Ppc64DebugUnit
        ? unit.layouts.map(({ controlSpr }) => control(unit, controlSpr)).join(', ')
        : undefined,
  };
}

/** How the kernel's own instructions read a register. */
const KERNEL: ExecutionState = { mode: 'kernel', singleStep: false, resume: false };

function control(unit: Ppc64DebugUnit, spr: number): string {
  const name = Object.entries(SPR).find(([, number]) => number === spr)?.[0] ?? `SPR ${spr}`;
  const value = unit.move({ register: name.toLowerCase() }, KERNEL);
  return `${name} ${typeof value === 'bigint' ? `0x${value.toString(16).padStart(4, '0')}` : 'unreadable'}`;
}

/** An architecture by name, on its usual CPU or on one that is named. */
export interface NamedArchitecture {
  /** What `--cpu` takes; empty where there is nothing to choose. */
  readonly cpus: readonly string[];
  on(cpu: string | undefined): KnownArchitecture;
}

/** The CPU that `--arch ppc64` means: the one that most recordings have. */
const USUAL_PPC64 = 'power8';

const isPpc64Cpu = (name: string): name is Ppc64Cpu => Object.hasOwn(CPU_MODELS, name);

/** What `--arch` knows by name. */
export const ARCHITECTURES: Readonly<Record<string, NamedArchitecture>> = Object.freeze({
  x86: {
    cpus: [],
    on: () => ({
      create: (options) => x86(options),
      facetUse: X86_USE,
      machine: 'x86_64',
      cpu: 'simulated x86-64',
      control: ({ unit }) =>
        unit instanceof X86DebugUnit ? `DR7 0x${unit.control.toString(16).padStart(8, '0')}` : undefined,
    }),
  },
  ppc64: {
    cpus: Object.keys(CPU_MODELS),
    on: (cpu = USUAL_PPC64) => ppc64OnCpu(isPpc64Cpu(cpu) ? cpu : USUAL_PPC64),
  },
  riscv64: {
    cpus: [],
    on: () => ({
      create: (options) => riscv64(options),
      facetUse: RISCV64_USE,
      machine: 'riscv64',
      cpu: 'simulated RV64 with Sdtrig',
      control: () => undefined,
    }),
  },
  none: {
    cpus: [],
    on: () => ({
      create: () => architecture(nullBackend()),
      facetUse: {},
      machine: 'none',
      cpu: 'simulated, without breakpoints',
      control: () => undefined,
    }),
  },
} satisfies Record<string, NamedArchitecture>);
