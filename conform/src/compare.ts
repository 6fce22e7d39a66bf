import type { Script, Value } from './format/script.js';

/** Where a played script first differs from the recorded one. */
export interface Difference {
  /** Number of the step, from 0. */
  readonly step: number;
  readonly op: string;
  /** Path of the field inside the step, such as `after.dr.t0.6`. */
  readonly field: string;
  /** `undefined`: the field is absent there. */
  readonly expected: Value | undefined;
  readonly got: Value | undefined;
}

function isObject(value: Value | undefined): value is { readonly [key: string]: Value } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function firstDifference(
  expected: Value | undefined,
  got: Value | undefined,
  path: string,
): Omit<Difference, 'step' | 'op'> | undefined {
  if (Array.isArray(expected) && Array.isArray(got)) {
    for (let i = 0; i < Math.max(expected.length, got.length); i++) {
      const difference = firstDifference(expected[i], got[i], `${path}.${i}`);
      if (difference !== undefined) return difference;
    }
    return undefined;
  }
  if (isObject(expected) && isObject(got)) {
    for (const key of new Set([...Object.keys(expected), ...Object.keys(got)])) {
      const difference = firstDifference(expected[key], got[key], path === '' ? key : `${path}.${key}`);
      if (difference !== undefined) return difference;
    }
    return undefined;
  }
  return expected === got ? undefined : { field: path, expected, got };
}

/** The first difference between what was recorded and what was played; `undefined` if every recorded field is equal. */
export function compareScripts(recorded: Script, played: Script): Difference | undefined {
  for (let step = 0; step < recorded.steps.length; step++) {
    const expected = recorded.steps[step];
    const difference = firstDifference(expected, played.steps[step], '');
    if (difference !== undefined) return { step, op: expected?.op ?? '?', ...difference };
  }
  return undefined;
}
