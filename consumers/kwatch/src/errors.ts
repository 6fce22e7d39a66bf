import { type Errno, type ErrorDetails, KernelError } from '@hwbp/core';

/**
 * Every way in which this package refuses. The key is API and stable (`KernelError.code`); the value is the errno. What
 * the breakpoint API refuses (ENOSPC, EINVAL, EPERM, ...) comes through with core's own code. A test pins this list.
 */
export const KWATCH_ERRORS = Object.freeze({
  /** It is stopped: nothing can be registered. */
  KWATCH_STOPPED: 'ENODEV',
  /** The structure of a registered watch is registered again. */
  KWATCH_REGISTERED: 'EINVAL',
} as const satisfies Record<string, Errno>);

/** A stable code of an error that this package reports. */
export type KwatchErrorCode = keyof typeof KWATCH_ERRORS;

/** A `KernelError` from this package's catalogue. */
export function kwatchError(code: KwatchErrorCode, message: string, details?: ErrorDetails): KernelError {
  return new KernelError(code, KWATCH_ERRORS[code], message, details);
}
