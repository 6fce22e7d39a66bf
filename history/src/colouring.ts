import type { HistoryData, Interval } from './data.js';

/** What the colours of a picture tell apart. */
export interface Colouring {
  /** By index, which {@link ownerColour} has a colour for. */
  readonly names: readonly string[];
  keyOf(interval: Interval): number;
}

/** Owners are told apart; where there is one alone, what it watches. */
export function colouringOf({ owners, intervals }: HistoryData): Colouring {
  if (owners.length !== 1) return { names: owners, keyOf: ({ owner }) => owner };
  const keys = new Map<string, number>();
  for (const { what } of intervals) if (!keys.has(what)) keys.set(what, keys.size);
  const names = [...keys.keys()].map((what) => `${owners[0]} ${what}`);
  return { names, keyOf: ({ what }) => keys.get(what) ?? 0 };
}
