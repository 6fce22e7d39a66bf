import { ARM64 } from './arm64/recorded.js';
import type { Script } from './format/script.js';
import type { RecordedArchitecture } from './player/recorded-architecture.js';
import { PPC64 } from './ppc64/recorded.js';
import { X86 } from './x86/recorded.js';
import { X86_K } from './x86-kvm/suite-k/recorded.js';
import { X86_K2 } from './x86-kvm/suite-k2/recorded.js';

/**
 * Every architecture whose recordings are played. A further one is one more here, and nothing else. Of several that
 * claim a line the first has it.
 */
export const ARCHITECTURES = Object.freeze([
  X86_K2,
  X86_K,
  X86,
  PPC64,
  ARM64,
] as const) satisfies readonly RecordedArchitecture[];

/** Whose script a line is to be; one that nobody claims is told what it lacks to be plain x86's. */
export function architectureOfLine(line: unknown): RecordedArchitecture {
  const owner =
    typeof line === 'object' && line !== null ? ARCHITECTURES.find(({ lines }) => lines.claims(line)) : undefined;
  return owner ?? X86;
}

/** Whose script this is. Throws TypeError for one that nobody parsed. */
export function architectureOfScript({ format }: Script): RecordedArchitecture {
  const owner = ARCHITECTURES.find(({ name }) => name === format);
  if (owner !== undefined) return owner;
  throw new TypeError(`script.format: there is no ${format}: ${ARCHITECTURES.map(({ name }) => name).join(', ')}`);
}
