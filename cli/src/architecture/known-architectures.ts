import { Arm64DebugUnit, type Arm64Features, arm64 } from '@hwbp/arch-arm64';
import { CPU_MODELS, type Ppc64Cpu, Ppc64DebugUnit, ppc64, SPR } from '@hwbp/arch-ppc64';
import { riscv64 } from '@hwbp/arch-riscv64';
import { X86DebugUnit, x86 } from '@hwbp/arch-x86';
import { architecture, type ExecutionState, nullBackend } from '@hwbp/core';
import type { KnownArchitecture } from './architecture.js';
import { ARM64_USE, PPC64_USE, RISCV64_USE, X86_USE } from './facet-uses.js';

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

/** What `--arch arm64` can be on: real CPUs, and the fewest and the most registers that the architecture allows. */
const ARM64_CPUS = {
  'cortex-a57': { title: 'Cortex-A57', brps: 6, wrps: 4, debugArch: 6 },
  'neoverse-n1': { title: 'Neoverse N1', brps: 6, wrps: 4, debugArch: 8 },
  fewest: { title: 'Armv8 of the fewest registers', brps: 2, wrps: 2, debugArch: 6 },
  most: { title: 'Armv8 of the most registers', brps: 16, wrps: 16, debugArch: 10, vaBits: 52 },
} as const satisfies Record<string, Arm64Features & { readonly title: string }>;

/** The CPU that `--arch arm64` means. */
const USUAL_ARM64 = 'cortex-a57';

function arm64OnCpu(cpu: keyof typeof ARM64_CPUS): KnownArchitecture {
  const { title, ...features } = ARM64_CPUS[cpu];
  return {
    create: (options) => arm64({ ...features, ...options }),
    facetUse: ARM64_USE,
    machine: 'aarch64',
    cpu: `simulated ${title}`,
    control: ({ unit }) =>
      unit instanceof Arm64DebugUnit ? `MDSCR_EL1 0x${unit.mdscr.toString(16).padStart(8, '0')}` : undefined,
  };
}

const isArm64Cpu = (name: string): name is keyof typeof ARM64_CPUS => Object.hasOwn(ARM64_CPUS, name);

/** An architecture by name, on its usual CPU or on one that is named. */
export interface NamedArchitecture {
  /** What `--cpu` takes; empty where there is nothing to choose. */
  readonly cpus: readonly string[];
  /** The one that is meant without `--cpu`. */
  readonly usual?: string;
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
    usual: USUAL_PPC64,
    on: (cpu = USUAL_PPC64) => ppc64OnCpu(isPpc64Cpu(cpu) ? cpu : USUAL_PPC64),
  },
  arm64: {
    cpus: Object.keys(ARM64_CPUS),
    usual: USUAL_ARM64,
    on: (cpu = USUAL_ARM64) => arm64OnCpu(isArm64Cpu(cpu) ? cpu : USUAL_ARM64),
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
