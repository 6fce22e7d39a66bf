import type { ExecutionContext } from 'ava';
import fc from 'fast-check';

/*
 * Properties run with a fixed seed, so that a failure is one for everybody. `HWBP_SEED=random` (or a number) explores:
 * fast-check's report names the seed and the shrunk example, and `HWBP_RUNS=100` multiplies the number of runs.
 */
const { HWBP_SEED: seed = '20091108', HWBP_RUNS: factor = '1' } = process.env;

/** Checks a property as one assertion. */
export function check<T>(t: ExecutionContext, property: fc.IRawProperty<T>, numRuns: number): void {
  const parameters = {
    includeErrorInReport: true,
    numRuns: numRuns * Number(factor),
    ...(seed === 'random' ? {} : { seed: Number(seed) }),
  };
  t.notThrows(() => fc.assert(property, parameters));
}
