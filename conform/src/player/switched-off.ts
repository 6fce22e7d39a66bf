import type { Quirk } from '@hwbp/core';

/** What a composition is told of quirks that are to be left out, as far as it has them. */
export function switchedOff(names: readonly string[], quirks: readonly Quirk[]): Readonly<Record<string, boolean>> {
  const known = names.filter((name) => quirks.some((quirk) => quirk.name === name));
  return Object.fromEntries(known.map((name) => [name, false]));
}
