import { play } from './scenario.js';

/** The exact counts, or with the argument `maximum` the pessimistic variant. */
const counts = process.argv[2] === 'maximum' ? 'maximum' : 'exact';
for (const line of play(counts)) console.log(line);
