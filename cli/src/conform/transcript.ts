import { parse, parseNumberAndBigInt } from 'lossless-json';
import { z } from 'zod';
import { machineSchema } from './machine-facts.js';

/** A value of a transcript: JSON, with integers that a number cannot hold as bigints. */
export type Value = string | number | bigint | boolean | null | readonly Value[] | { readonly [key: string]: Value };

/** One step of a script: its op, arguments and results. */
export type Step = { readonly op: string } & { readonly [key: string]: Value };

/** One recorded script, or one that our kernel played. */
export interface Script {
  readonly suite: string;
  readonly id: string;
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
  ops: z.array(stepSchema).max(MOST_STEPS),
});

/** What the recorder prints for a script that it could not finish. */
const failedSchema = z.object({ id: z.string(), error: z.string() });

/** A line of a file in the format of one of the recorded architectures. */
export type Line =
  | { readonly arch: 'x86'; readonly script: Script }
  | { readonly arch: 'ppc64'; readonly suite: string; readonly id: string }
  | { readonly arch: 'none'; readonly id: string; readonly error: string };

/** Parses one line of a transcript; numbers keep all their digits. Throws a TranscriptError that names the line. */
export function parseLine(text: string, number: number): Line {
  let json: unknown;
  try {
    json = parse(text, undefined, parseNumberAndBigInt);
  } catch (error) {
    throw new TranscriptError(`line ${number} is no JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  const x86 = x86Schema.safeParse(reduce(json));
  if (x86.success) return { arch: 'x86', script: x86.data as unknown as Script };
  const ppc64 = ppc64Schema.safeParse(reduce(json));
  if (ppc64.success) return { arch: 'ppc64', suite: ppc64.data.suite, id: String(ppc64.data.id) };
  const failed = failedSchema.safeParse(json);
  if (failed.success) return { arch: 'none', ...failed.data };
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
export function formatScript(script: Script): string {
  return JSON.stringify(script, (_key, value: unknown) =>
    typeof value === 'bigint' ? `0x${value.toString(16)}` : value,
  );
}

/** A value for messages and reports. */
export function showValue(value: unknown): string {
  if (value === undefined) return '(absent)';
  return JSON.stringify(value, (_key, inner: unknown) => (typeof inner === 'bigint' ? inner.toString() : inner));
}
