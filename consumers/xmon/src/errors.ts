import { type Errno, type ErrorDetails, KernelError } from '@hwbp/core';

/**
 * Every way in which xmon refuses programs; a test pins this list. What is typed is refused with text, see
 * `XmonSession.line`.
 */
export const XMON_ERRORS = Object.freeze({
  /** Somebody has a session with this kernel's xmon already. */
  XMON_OPEN: 'EBUSY',
  /** The consumer was stopped, or the session closed. */
  XMON_STOPPED: 'ENODEV',
} as const satisfies Record<string, Errno>);

/** A stable code of an error of xmon. */
export type XmonErrorCode = keyof typeof XMON_ERRORS;

/** A `KernelError` from xmon's catalogue. */
export function xmonError(code: XmonErrorCode, message: string, details?: ErrorDetails): KernelError {
  return new KernelError(code, XMON_ERRORS[code], message, details);
}
