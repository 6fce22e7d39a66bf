import { z } from 'zod';
import type { Script } from './script.js';

/** How an architecture's scripts are written, one on a line. */
export interface LineFormat {
  /** True for a line that is to be one of these scripts, by its shape. */
  claims(line: object): boolean;
  /** What such a line is; its output is a {@link Script} without `format`. */
  readonly schema: z.ZodType;
  /** The line that a script is written as. */
  write(script: Script): unknown;
}

/** More steps than any script has. */
const MOST_STEPS = 100_000;

/** The steps of a script; of too many none is looked at. */
export const stepsSchema = z
  .array(z.unknown())
  .max(MOST_STEPS)
  .pipe(z.array(z.looseObject({ op: z.string() })));
