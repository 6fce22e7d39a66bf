import { CompositionError } from '@hwbp/core';
import { fail, thrown } from '../assert/index.js';

/** The `CompositionError` that composing ends with. */
export function compositionErrorOf(compose: () => unknown): CompositionError {
  const error = thrown(compose, 'composition');
  if (error instanceof CompositionError) return error;
  return fail(`composition: expected a CompositionError, got ${String(error)}`);
}
