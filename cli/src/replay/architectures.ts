import { CPU_MODELS, type Ppc64Cpu, Ppc64DebugUnit, ppc64, SPR } from '@hwbp/arch-ppc64';
import { X86DebugUnit, x86 } from '@hwbp/arch-x86';
import { type Architecture, architecture, type Cpu, type ExecutionState, nullBackend } from '@hwbp/core';
import { usageError } from '../errors.js';

/** An architecture that the command knows by name. */
export interface KnownArchitecture {
  create(): Architecture;
  /** As uname(1) has it. */
  readonly machine: string;
  /** What its CPUs are, for people. */
  readonly cpu: string;
  /** The manual's name of a breakpoint register. */
  registerName(register: number): string;
  /** The control register of a CPU as text; `undefined` if there is none. */
  control(cpu: Cpu): string | undefined;
}

function ppc64OnCpu(cpu: Ppc64Cpu): KnownArchitecture {
  const { watches } = CPU_MODELS[cpu];
  return {
    create: () => ppc64({ cpu }),
    machine: 'ppc64le',
    cpu: `simulated ${cpu.toUpperCase()}`,
    registerName: (register) => watches[register]?.name ?? `register ${register}`,
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
interface NamedArchitecture {
  /** What `--cpu` takes; empty where there is nothing to choose. */
  readonly cpus: readonly string[];
  on(cpu: string | undefined): KnownArchitecture;
}

/** The CPU that `--arch ppc64` means: the one that most recordings have. */
const USUAL_PPC64 = 'power8';

const isPpc64Cpu = (name: string): name is Ppc64Cpu => Object.hasOwn(CPU_MODELS, name);

/** What `--arch` takes. Add yours here. */
export const ARCHITECTURES: Readonly<Record<string, NamedArchitecture>> = Object.freeze({
  x86: {
    cpus: [],
    on: () => ({
      create: () => x86(),
      machine: 'x86_64',
      cpu: 'simulated x86-64',
      registerName: (register) => `DR${register}`,
      control: ({ unit }) =>
        unit instanceof X86DebugUnit ? `DR7 0x${unit.control.toString(16).padStart(8, '0')}` : undefined,
    }),
  },
  ppc64: {
    cpus: Object.keys(CPU_MODELS),
    on: (cpu = USUAL_PPC64) => ppc64OnCpu(isPpc64Cpu(cpu) ? cpu : USUAL_PPC64),
  },
  none: {
    cpus: [],
    on: () => ({
      create: () => architecture(nullBackend()),
      machine: 'none',
      cpu: 'simulated, without breakpoints',
      registerName: (register) => `register ${register}`,
      control: () => undefined,
    }),
  },
} satisfies Record<string, NamedArchitecture>);

/** The architecture of a name, on a CPU. Throws a usage error that lists the known ones. */
export function findArchitecture(name: string, cpu?: string): KnownArchitecture {
  const found = Object.hasOwn(ARCHITECTURES, name) ? ARCHITECTURES[name] : undefined;
  if (found === undefined) {
    throw usageError(`there is no architecture '${name}'`, `known: ${Object.keys(ARCHITECTURES).join(', ')}`);
  }
  if (cpu === undefined || found.cpus.includes(cpu)) return found.on(cpu);
  if (found.cpus.length === 0) throw usageError(`--cpu ${cpu}: ${name} has no CPUs to choose from`, 'leave --cpu out');
  throw usageError(`${name} has no CPU '${cpu}'`, `known: ${found.cpus.join(', ')}`);
}
