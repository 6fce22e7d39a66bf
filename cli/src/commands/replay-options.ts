import { z } from 'zod';
import { usageError } from '../errors.js';

const MOST_CPUS = 4096;
const MOST_TASKS = 1024;

const count = (most: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/, `a whole number from 1 to ${most}`)
    .transform(Number)
    .refine((value) => value >= 1 && value <= most, `a whole number from 1 to ${most}`);

const address = z
  .string()
  .regex(/^(?:0x[0-9a-f]{1,16}|\d{1,19})$/i, 'an address such as 0x108000')
  .transform(BigInt);

/** The options as commander has them, and what they mean. */
const schema = z.object({
  elf: z.string().optional(),
  watch: z.array(z.string()).default([]),
  cpus: count(MOST_CPUS),
  tasks: count(MOST_TASKS),
  arch: z.string(),
  cpu: z.string().optional(),
  loadBias: address.optional(),
  strict: z.boolean().default(false),
  all: z.boolean().default(false),
  json: z.boolean().default(false),
});

/** The options of `hwbp replay`. */
export type ReplayOptions = z.output<typeof schema>;

/** Checks them. Throws a usage error that names the option. */
export function parseReplayOptions(raw: unknown): ReplayOptions {
  const parsed = schema.safeParse(raw);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const name = String(issue?.path[0] ?? '').replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  throw usageError(`--${name} takes ${issue?.message ?? 'something else'}`, 'hwbp replay --help shows the options');
}
