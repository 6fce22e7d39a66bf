import { z } from 'zod';
import { parseListen } from '../debug/listen-address.js';
import { count, parseOptions, traceOptions } from './option-types.js';

const { elf, cpu, loadBias, strict } = traceOptions;

/** The options as commander has them, and what they mean. */
const schema = z.object({
  elf,
  arch: z.string().optional(),
  cpu,
  listen: z.string().transform(parseListen),
  guest: z.string().min(1, 'the name of a virtual machine').optional(),
  threads: z.enum(['cpus', 'tasks'], 'cpus or tasks').optional(),
  loadBias,
  /** Seconds. */
  timeout: count(86_400),
  strict,
});

/** The options of `hwbp debug`. */
export type DebugOptions = z.output<typeof schema>;

/** Checks them. Throws a usage error that names the option. */
export function parseDebugOptions(raw: unknown): DebugOptions {
  return parseOptions(schema, raw, 'debug');
}
