import type { KernelError } from '@hwbp/core';
import { perfError } from '../errors.js';

/** EINVAL: bytes that should be a perf.data file are none. */
export function dataError(what: string): KernelError {
  return perfError('PERF_DATA_MALFORMED', `not a perf.data file that can be read: ${what}`);
}
