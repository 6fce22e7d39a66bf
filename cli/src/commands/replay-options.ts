import { z } from 'zod';
import { historyOptions } from '../history/history-options.js';
import { parseOptions, traceOptions } from './option-types.js';

/** The options as commander has them, and what they mean. */
const schema = z.object({
  ...traceOptions,
  ...historyOptions,
  watch: z.array(z.string()).default([]),
  all: z.boolean().default(false),
  json: z.boolean().default(false),
});

/** The options of `hwbp replay`. */
export type ReplayOptions = z.output<typeof schema>;

/** Checks them. Throws a usage error that names the option. */
export function parseReplayOptions(raw: unknown): ReplayOptions {
  return parseOptions(schema, raw, 'replay');
}
