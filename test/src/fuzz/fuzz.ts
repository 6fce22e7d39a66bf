import { fuzz as fuzzPackets } from '../kgdb/fuzz/fuzz.js';
import { Random } from '../random.js';
import { TARGETS } from './targets.js';

/** What can be fuzzed. */
export const NAMES: readonly string[] = Object.freeze([...Object.keys(TARGETS), 'rsp']);

/**
 * Tries `runs` inputs, numbered from `seed` on: a failure names the one that it was, and that one alone shows it again.
 * Returns what became of them, for people.
 */
export function fuzz(name: string, seed: number, runs: number): string {
  if (name === 'rsp') return `${fuzzPackets(seed, runs)} stops`;
  const target = TARGETS[name]?.();
  if (target === undefined) throw new TypeError(`there is no fuzzer '${name}': ${NAMES.join(', ')}`);
  let accepted = 0;
  for (let run = 0; run < runs; run++) {
    try {
      if (target(new Random(Math.imul(seed + run, 0x9e37_79b1)))) accepted++;
    } catch (error) {
      const again = `npm run fuzz -- ${name} --runs 1 --seed ${seed + run}`;
      throw new Error(`${again}: ${error instanceof Error ? error.stack : String(error)}`, { cause: error });
    }
  }
  return `${accepted} accepted, ${runs - accepted} refused`;
}
