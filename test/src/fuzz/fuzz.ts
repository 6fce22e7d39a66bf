import { fuzz as fuzzPackets } from '../kgdb/fuzz/fuzz.js';
import { Random } from '../random.js';
import { TARGETS } from './targets.js';

/** What can be fuzzed. */
export const NAMES: readonly string[] = Object.freeze([...Object.keys(TARGETS), 'rsp']);

/** Inputs between two looks at the heap. */
const BETWEEN = 256;

/** What became of the inputs. */
export interface Fuzzed {
  /** For people. */
  readonly outcome: string;
  /** Most bytes that the heap was seen to have. */
  readonly heap: number;
}

/**
 * Tries `runs` inputs, numbered from `seed` on: a failure names the one that it was, and that one alone shows it again.
 */
export async function fuzz(name: string, seed: number, runs: number): Promise<Fuzzed> {
  let heap = 0;
  const look = (): void => {
    heap = Math.max(heap, process.memoryUsage().heapUsed);
  };
  if (name === 'rsp') {
    const stops = fuzzPackets(seed, runs, undefined, look);
    return { outcome: `${stops} stops`, heap };
  }
  const target = await TARGETS[name]?.();
  if (target === undefined) throw new TypeError(`there is no fuzzer '${name}': ${NAMES.join(', ')}`);
  let accepted = 0;
  for (let run = 0; run < runs; run++) {
    try {
      if (target(new Random(Math.imul(seed + run, 0x9e37_79b1)))) accepted++;
    } catch (error) {
      const again = `npm run fuzz -- ${name} --runs 1 --seed ${seed + run}`;
      throw new Error(`${again}: ${error instanceof Error ? error.stack : String(error)}`, { cause: error });
    }
    if (run % BETWEEN === 0) look();
  }
  return { outcome: `${accepted} accepted, ${runs - accepted} refused`, heap };
}
