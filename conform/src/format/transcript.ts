import { parse, parseNumberAndBigInt, stringify } from 'lossless-json';
import { z } from 'zod';
import { machineSchema } from '../x86/machine-facts.js';

/** A value of a transcript: JSON, with integers that a number cannot hold as bigints. */
export type Value = string | number | bigint | boolean | null | readonly Value[] | { readonly [key: string]: Value };

/** One step of a script: its op, arguments and results. */
export type Step = { readonly op: string } & { readonly [key: string]: Value };

/** A format in which an architecture's recordings are written. */
export type Format = 'x86' | 'ppc64';

/** One recorded script, or one that our kernel played. */
export interface Script {
  readonly format: Format;
  readonly suite: string;
  readonly id: string;
  /** What the script says besides: x86's `setup`; ppc64's `cfg` and `seed`, and its `id` as it was written. */
  readonly setup: { readonly [key: string]: Value };
  readonly steps: readonly Step[];
}

/** A transcript line that is no script: says which line and what is wrong. */
export class TranscriptError extends Error {
  override readonly name = 'TranscriptError';
}

const MOST_STEPS = 100_000;
const stepSchema = z.looseObject({ op: z.string() });
const x86Schema = z.object({
  suite: z.string(),
  id: z.string(),
  setup: z.looseObject({ machine: machineSchema.optional() }),
  steps: z.array(stepSchema).max(MOST_STEPS),
});
const ppc64Schema = z.object({
  suite: z.string(),
  cfg: z.string(),
  id: z.union([z.string(), z.number()]),
  seed: z.union([z.string(), z.number()]).optional(),
  ops: z.array(stepSchema).max(MOST_STEPS),
});

/** What the recorder prints for a script that it could not finish. */
const failedSchema = z.object({ id: z.string(), error: z.string() });

/** A line of a file: a script, or what the recorder says of one that it could not finish. */
export type Line = { readonly script: Script } | { readonly id: string; readonly error: string };

/** Parses one line of a transcript; numbers keep all their digits. Throws a TranscriptError that names the line. */
export function parseLine(text: string, number: number): Line {
  let json: unknown;
  try {
    json = parse(text, undefined, parseNumberAndBigInt);
  } catch (error) {
    throw new TranscriptError(`line ${number} is no JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  const x86 = x86Schema.safeParse(reduce(json));
  if (x86.success) return { script: { format: 'x86', ...(x86.data as unknown as Omit<Script, 'format'>) } };
  const ppc64 = ppc64Schema.safeParse(reduce(json));
  if (ppc64.success) {
    const { suite, id, ops: steps, ...rest } = ppc64.data;
    return {
      script: {
        format: 'ppc64',
        suite,
        id: String(id),
        setup: { ...rest, id } as Script['setup'],
        steps: steps as Step[],
      },
    };
  }
  const failed = failedSchema.safeParse(json);
  if (failed.success) return failed.data;
  const [issue] = x86.error.issues;
  throw new TranscriptError(
    `line ${number} is no recorded script: ${issue?.path.join('.') || 'it'}: ${issue?.message ?? 'unknown shape'}`,
  );
}

/** Integers that fit become numbers again, so that most of a transcript is plain data. */
function reduce(value: unknown): unknown {
  if (typeof value === 'bigint')
    return value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value;
  if (Array.isArray(value)) return value.map(reduce);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, reduce(inner)]));
}

/** A script as one line of the same format. */
export function formatScript({ format, ...script }: Script): string {
  const { suite, setup, steps: ops } = script;
  const line = format === 'x86' ? script : { suite, ...setup, ops };
  return stringify(line) ?? '';
}

/** A value for messages and reports. */
export function showValue(value: unknown): string {
  if (value === undefined) return '(absent)';
  return JSON.stringify(value, (_key, inner: unknown) => (typeof inner === 'bigint' ? inner.toString() : inner));
}
