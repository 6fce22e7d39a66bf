import { z } from 'zod';
import { usageError } from '../errors.js';

/** A whole number from 1, as commander has it. */
export const count = (most: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/, `a whole number from 1 to ${most}`)
    .transform(Number)
    .refine((value) => value >= 1 && value <= most, `a whole number from 1 to ${most}`);

/** An address of 64 bits. */
const address = z
  .string()
  .regex(/^(?:0x[0-9a-f]{1,16}|\d{1,19})$/i, 'an address such as 0x108000')
  .transform(BigInt);

/** What every command that replays traces takes. */
export const traceOptions = {
  elf: z.string().optional(),
  cpus: count(4096),
  tasks: count(1024),
  arch: z.string(),
  cpu: z.string().optional(),
  loadBias: address.optional(),
  strict: z.boolean().default(false),
};

/** Checks options. Throws a usage error that names the option. */
export function parseOptions<T extends z.ZodType>(schema: T, raw: unknown, command: string): z.output<T> {
  const parsed = schema.safeParse(raw);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const name = String(issue?.path[0] ?? '').replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  throw usageError(`--${name} takes ${issue?.message ?? 'something else'}`, `hwbp ${command} --help shows the options`);
}

const traceSchema = z.object(traceOptions);

/** What every command that replays traces takes, checked. */
export type TraceOptions = z.output<typeof traceSchema>;

/** Checks them, as the command line has them. Throws a usage error that names the option. */
export function parseTraceOptions(raw: unknown): TraceOptions {
  return parseOptions(traceSchema, raw, 'replay');
}
