import { z } from 'zod';
import { parseListen } from '../debug/listen-address.js';
import { usageError } from '../errors.js';

/** The options as commander has them, and what they mean. */
const schema = z.object({
  elf: z.string().optional(),
  arch: z.string().optional(),
  cpu: z.string().optional(),
  listen: z.string().transform(parseListen),
  threads: z.enum(['cpus', 'tasks'], 'cpus or tasks').optional(),
  loadBias: z
    .string()
    .regex(/^(?:0x[0-9a-f]{1,16}|\d{1,19})$/i, 'an address such as 0x108000')
    .transform(BigInt)
    .optional(),
  timeout: z
    .string()
    .regex(/^\d{1,5}$/, 'a whole number of seconds')
    .transform(Number)
    .refine((value) => value >= 1, 'a whole number of seconds from 1'),
  strict: z.boolean().default(false),
});

/** The options of `hwbp debug`. */
export type DebugOptions = z.output<typeof schema>;

/** Checks them. Throws a usage error that names the option. */
export function parseDebugOptions(raw: unknown): DebugOptions {
  const parsed = schema.safeParse(raw);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const name = String(issue?.path[0] ?? '').replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  throw usageError(`--${name} takes ${issue?.message ?? 'something else'}`, 'hwbp debug --help shows the options');
}
