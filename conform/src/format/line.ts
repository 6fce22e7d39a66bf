import { parse, parseNumberAndBigInt, stringify } from 'lossless-json';
import { z } from 'zod';
import { architectureOfLine, architectureOfScript } from '../architectures.js';
import { type LinePlace, TranscriptError } from '../errors.js';
import { deeperThan } from './json-depth.js';
import type { Script } from './script.js';

/** A line of a file. */
export type Line =
  | { readonly script: Script }
  /** What the recorder says of a script that it could not finish. */
  | { readonly id: string; readonly error: string }
  /** None of them. The next line is not touched by it. */
  | { readonly malformed: TranscriptError };

/** What the recorder prints for a script that it could not finish. */
const failedSchema = z.object({ id: z.string(), error: z.string() });

/** Lists and objects in each other; recordings have some six. */
const DEEPEST = 100;

/** Digits of a number: to read those of a long one takes more than a step for each. */
const MOST_DIGITS = 1000;

class LongNumber extends Error {}

function parseNumber(text: string): unknown {
  if (text.length <= MOST_DIGITS) return parseNumberAndBigInt(text);
  throw new LongNumber(`over the budget of a number: it has ${text.length} digits, and ${MOST_DIGITS} are read`);
}

/** Parses one line of a transcript; numbers keep all their digits. */
export function parseLine(text: string, place: LinePlace): Line {
  if (deeperThan(DEEPEST, text)) {
    const complaint = `over the budget of nesting: lists and objects deeper than ${DEEPEST} in each other`;
    return { malformed: new TranscriptError('TRANSCRIPT_OVER_BUDGET', place, complaint) };
  }
  let json: unknown;
  try {
    json = reduce(parse(text, undefined, parseNumber));
  } catch (error) {
    if (error instanceof LongNumber) {
      return { malformed: new TranscriptError('TRANSCRIPT_OVER_BUDGET', place, error.message) };
    }
    const why = error instanceof Error ? error.message : String(error);
    return { malformed: new TranscriptError('TRANSCRIPT_NO_JSON', place, `no JSON: ${why}`) };
  }
  const { name, lines } = architectureOfLine(json);
  const parsed = lines.schema.safeParse(json);
  if (parsed.success) return { script: { ...(parsed.data as Omit<Script, 'format'>), format: name } };
  const failed = failedSchema.safeParse(json);
  if (failed.success) return failed.data;
  const [issue] = parsed.error.issues;
  const complaint = `${issue?.path.join('.') || 'it'}: ${issue?.message ?? 'unknown shape'}`;
  return { malformed: new TranscriptError('TRANSCRIPT_NO_SCRIPT', place, `no recorded script: ${complaint}`) };
}

/** Integers that fit become numbers again, so that most of a transcript is plain data. */
function reduce(value: unknown): unknown {
  if (typeof value === 'bigint')
    return value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value;
  if (Array.isArray(value)) return value.map(reduce);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, reduce(inner)]));
}

/** A script as one line of the format that it came in. */
export function formatScript(script: Script): string {
  return stringify(architectureOfScript(script).lines.write(script)) ?? '';
}
