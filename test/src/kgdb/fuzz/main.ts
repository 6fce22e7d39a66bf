/*
 * A long fuzz of kgdb's protocol engine: npm run fuzz -- [PACKETS [SEED]]
 */
import { fuzz } from './fuzz.js';

const [packets = 1_000_000, seed = Math.trunc(performance.timeOrigin)] = process.argv.slice(2).map(Number);
process.stdout.write(`${packets} packets, seed ${seed}\n`);
const stops = fuzz(seed, packets);
process.stdout.write(`${stops} stops, nothing crashed, leaked or was stuck\n`);
