import { AGAINST } from './examples/against.js';
import { CLAIMS } from './examples/claims.js';
import type { Example } from './examples/example.js';
import { FLEXIBLE } from './examples/flexible.js';
import { FULL } from './examples/full.js';
import { GUEST } from './examples/guest.js';
import { ONE } from './examples/one.js';
import { RACE } from './examples/race.js';
import { TIMINGS } from './examples/timing.js';

export type { Example } from './examples/example.js';

/** Examples to start from, one for each idea: the simplest first. */
export const EXAMPLES: readonly Example[] = [ONE, FULL, FLEXIBLE, AGAINST, CLAIMS, ...TIMINGS, RACE, GUEST];
