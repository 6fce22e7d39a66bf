import { type Step, showValue, type Value } from './script.js';

/** A step whose arguments do not say what its op needs. */
export class StepError extends Error {
  override readonly name = 'StepError';
}

/** A step about what was asked for before, and refused. */
export class AbsentError extends StepError {}

function wrong(step: Step, name: string, wanted: string, value: Value | undefined): StepError {
  return new StepError(`op ${step.op}: ${name} is ${wanted}, got ${showValue(value)}`);
}

/** A text argument. */
export function textArgument(step: Step, name: string): string {
  const value = step[name];
  if (typeof value === 'string') return value;
  throw wrong(step, name, 'a text', value);
}

/** A whole number from 0 to `most`, or `fallback` where it is absent. */
export function countArgument(step: Step, name: string, most: number, fallback?: number): number {
  const value = step[name] ?? fallback;
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= most) return value;
  throw wrong(step, name, `a whole number from 0 to ${most}`, step[name]);
}

/** A whole number of any sign, or `fallback` where it is absent. */
export function integerArgument(step: Step, name: string, fallback: number): number {
  const value = step[name] ?? fallback;
  if (typeof value === 'number' && Number.isSafeInteger(value)) return value;
  throw wrong(step, name, 'a whole number', value);
}

/** A 64-bit value, written as hexadecimal text or as an integer. */
export function wordArgument(step: Step, name: string): bigint {
  const value = step[name];
  if (typeof value === 'string' && /^0x[0-9a-f]{1,16}$/i.test(value)) return BigInt(value);
  if (typeof value === 'bigint' || (typeof value === 'number' && Number.isInteger(value)))
    return BigInt.asUintN(64, BigInt(value));
  throw wrong(step, name, 'a 64-bit value', value);
}
