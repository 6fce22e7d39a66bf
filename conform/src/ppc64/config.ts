import { DEBUGGER_HIT_TAKES_ALL, type Ppc64Features } from '@hwbp/arch-ppc64';
import type { Quirk } from '@hwbp/core';

interface Environment extends Pick<Ppc64Features, 'pageSize'> {
  readonly overlapRule: boolean;
  /** Quirks that this version no longer has. */
  readonly without: readonly Quirk[];
}

/** Kernels that were recorded, by version: what their build differs in. */
const KERNELS: Readonly<Record<string, Environment>> = {
  '6.1': { pageSize: 65536, overlapRule: true, without: [] },
  '6.12': { pageSize: 4096, overlapRule: false, without: [DEBUGGER_HIT_TAKES_ALL] },
};
/** The emulator under the recorded kernels: DAR clamped, no store bit, and stores made piece by piece. */
const EMULATOR = { dar: 'watched', dsisrStore: false, storesEarlier: true } as const;
const CPUS = ['power7', 'power8', 'power9', 'power10'] as const;

/** What a `cfg` selects. */
export interface Config {
  readonly features: Ppc64Features;
  /** Its page tables are hashed: the first store to a page faults, so that the kernel learns that it changed. */
  readonly hashed: boolean;
  /** Breakpoints of debuggers and of others may not overlap. */
  readonly overlapRule: boolean;
  /** Quirks that are off, by name. */
  readonly quirks: Readonly<Record<string, boolean>>;
}

/** What a `cfg` such as `power8-6.1` selects; `undefined` if it is not known. */
export function configOf(cfg: string): Config | undefined {
  const [name, version = ''] = cfg.split('-');
  const cpu = CPUS.find((known) => known === name);
  const kernel = Object.hasOwn(KERNELS, version) ? KERNELS[version] : undefined;
  if (cpu === undefined || kernel === undefined) return undefined;
  // Under POWER7 a hypervisor call that knows no DABRX.
  const { overlapRule, without, ...build } = kernel;
  const quirks = Object.fromEntries(without.map(({ name }) => [name, false]));
  const features: Ppc64Features = { cpu, ...build, ...EMULATOR, dabrx: cpu !== 'power7' };
  return { features, hashed: cpu === 'power7' || cpu === 'power8', overlapRule, quirks };
}
