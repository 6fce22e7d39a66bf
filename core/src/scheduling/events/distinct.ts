import type { EventPmu } from './pmu.js';

/**
 * PMUs of types that differ: of two of one type the second would never be asked. Throws a TypeError that names both.
 */
export function distinct(pmus: readonly EventPmu[]): readonly EventPmu[] {
  const names = new Map<number, string>();
  for (const { name, type } of pmus) {
    const other = names.get(type);
    if (other !== undefined)
      throw new TypeError(`the PMUs ${other} and ${name} are both of type ${type}: give one another`);
    names.set(type, name);
  }
  return pmus;
}
