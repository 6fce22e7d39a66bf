import { briefly } from './briefly.js';
import type { HistoryData, Interval } from './data.js';
import { machinesOf, nameIn } from './machines.js';

/** What the colours of a picture tell apart. */
export interface Colouring {
  /**
   * By index, which {@link ownerColour} has a colour for. What has a symbol has no address, unless it takes one to tell
   * it.
   */
  readonly names: readonly string[];
  /** `machine`: whose interval it is, by its place in `machinesOf`. Default: the host's. */
  keyOf(interval: Interval, machine?: number): number;
}

/** Owners are told apart, those of guests from those of their host; where there is one alone, what it watches. */
export function colouringOf(data: HistoryData): Colouring {
  const machines = machinesOf(data);
  const names = machines.flatMap((machine) => machine.data.owners.map((owner) => nameIn(machine, owner)));
  if (names.length !== 1) {
    let before = 0;
    const first = machines.map(({ data: { owners } }) => {
      before += owners.length;
      return before - owners.length;
    });
    return { names, keyOf: ({ owner }, machine = 0) => (first[machine] ?? 0) + owner };
  }
  const keys = new Map<string, number>();
  for (const { what } of machines.flatMap(({ data: { intervals } }) => intervals)) {
    if (!keys.has(what)) keys.set(what, keys.size);
  }
  const brief = [...keys.keys()].map(briefly);
  const told = [...keys.keys()].map((what, n) => {
    const short = briefly(what);
    return `${names[0]} ${brief.every((other, m) => m === n || other !== short) ? short : what}`;
  });
  return { names: told, keyOf: ({ what }) => keys.get(what) ?? 0 };
}
