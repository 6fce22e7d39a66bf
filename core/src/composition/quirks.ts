import { QuirkSet } from '../quirks/index.js';
import { CompositionError } from './composition-error.js';
import type { KernelOptions } from './kernel-options.js';
import type { Plugin } from './plugin.js';

/** The catalogue of all that the plugins declare, and which of them are on. */
export function composeQuirks({ strict, quirks = {} }: KernelOptions, plugins: readonly Plugin[]): QuirkSet {
  const catalogue = plugins.flatMap((plugin) => plugin.quirks ?? []);
  const off = new Set(strict ? catalogue.map(({ name }) => name) : []);
  for (const [name, on] of Object.entries(quirks)) {
    if (!catalogue.some((quirk) => quirk.name === name)) {
      const known = catalogue.map((quirk) => quirk.name).join(', ') || 'none';
      throw new CompositionError(
        'COMPOSE_UNKNOWN_QUIRK',
        `no part of this kernel has a quirk '${name}' (known: ${known})`,
      );
    }
    if (on) off.delete(name);
    else off.add(name);
  }
  return new QuirkSet(catalogue, off);
}
