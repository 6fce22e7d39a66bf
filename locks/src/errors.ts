import { type Errno, type ErrorDetails, KernelError } from '@hwbp/core';

/** Every way in which this package refuses. The key is API and stable (`KernelError.code`); a test pins this list. */
export const LOCKS_ERRORS = Object.freeze({
  /** A lock that sleeps is taken where nobody may sleep: in an interrupt handler. */
  LOCK_NO_TASK: 'EDEADLK',
} as const satisfies Record<string, Errno>);

/** A stable code of an error that this package reports. */
export type LocksErrorCode = keyof typeof LOCKS_ERRORS;

/** A `KernelError` from this package's catalogue. */
export function locksError(code: LocksErrorCode, message: string, details?: ErrorDetails): KernelError {
  return new KernelError(code, LOCKS_ERRORS[code], message, details);
}
