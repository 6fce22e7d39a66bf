/** A figure with the spread of its samples. */
export interface Sampled {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** The median of samples, with the smallest and the largest. */
export function summarize(samples: readonly number[]): Sampled {
  const sorted = samples.toSorted((a, b) => a - b);
  const at = (i: number): number => sorted[i] ?? Number.NaN;
  return { median: at(sorted.length >> 1), min: at(0), max: at(sorted.length - 1) };
}

/** Nanoseconds that one call takes. */
function time(action: () => void): number {
  const started = process.hrtime.bigint();
  action();
  return Number(process.hrtime.bigint() - started);
}

/**
 * Runs several loops in turn, A B C A B C ..., so that a change of the machine's speed hits all of them, and gives the
 * nanoseconds of each for one of its `count` items. The first fifth of the rounds warms up and does not count.
 */
export function alternate<Name extends string>(
  count: number,
  loops: Readonly<Record<Name, () => void>>,
  rounds = 120,
): Record<Name, readonly number[]> {
  const names = Object.keys(loops) as Name[];
  const samples = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<Name, number[]>;
  for (let round = 0; round < rounds; round++) {
    for (const name of names) {
      const taken = time(loops[name]) / count;
      if (round >= rounds / 5) samples[name].push(taken);
    }
  }
  return samples;
}

/** The ratio of two loops, sample by sample of the same round. */
export function ratio(of: readonly number[], to: readonly number[]): Sampled {
  return summarize(of.map((value, i) => value / (to[i] ?? Number.NaN)));
}

/** What a loop takes more than another one beside it, in what a third takes: sample by sample of the same round. */
export function beside(of: readonly number[], base: readonly number[], unit?: readonly number[]): Sampled {
  return summarize(of.map((value, i) => (value - (base[i] ?? 0)) / (unit?.[i] ?? 1)));
}

/** Nanoseconds for one item. */
export function nanoseconds(samples: readonly number[]): Sampled {
  return summarize(samples);
}

/** Keeps results from being optimised away. */
export const sink = { value: 0 };
