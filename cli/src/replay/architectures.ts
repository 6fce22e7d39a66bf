import { X86DebugUnit, x86 } from '@hwbp/arch-x86';
import { type Architecture, architecture, type Cpu, nullBackend } from '@hwbp/core';
import { usageError } from '../errors.js';

/** An architecture that the command knows by name. */
export interface KnownArchitecture {
  create(): Architecture;
  /** As uname(1) has it. */
  readonly machine: string;
  /** The manual's name of a breakpoint register. */
  registerName(register: number): string;
  /** The control register of a CPU as text; `undefined` if there is none. */
  control(cpu: Cpu): string | undefined;
}

/** What `--arch` takes. Add yours here. */
export const ARCHITECTURES: Readonly<Record<string, KnownArchitecture>> = Object.freeze({
  x86: {
    create: () => x86(),
    machine: 'x86_64',
    registerName: (register) => `DR${register}`,
    control: ({ unit }) =>
      unit instanceof X86DebugUnit ? `DR7 0x${unit.control.toString(16).padStart(8, '0')}` : undefined,
  },
  none: {
    create: () => architecture(nullBackend()),
    machine: 'none',
    registerName: (register) => `register ${register}`,
    control: () => undefined,
  },
} satisfies Record<string, KnownArchitecture>);

/** The architecture of a name. Throws a usage error that lists the known ones. */
export function findArchitecture(name: string): KnownArchitecture {
  const found = Object.hasOwn(ARCHITECTURES, name) ? ARCHITECTURES[name] : undefined;
  if (found !== undefined) return found;
  throw usageError(`there is no architecture '${name}'`, `known: ${Object.keys(ARCHITECTURES).join(', ')}`);
}
