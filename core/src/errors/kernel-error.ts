import { CORE_ERRORS, type CoreErrorCode } from './codes.js';
import { ERRNO, type Errno } from './errno.js';

/** Fields that an error carries for programs: what was asked, the limit, who holds the slots. */
export type ErrorDetails = Readonly<Record<string, unknown>>;

/**
 * A refusal by the simulated kernel: an errno as Linux gives it, a stable `code`, and a message for people that says
 * what was asked, why it was refused and what would help. Misuse of the library (a wrong argument type) is a
 * `TypeError` instead.
 */
export class KernelError extends Error {
  override readonly name: string = 'KernelError';
  /** Stable identifier of the reason, from its package's catalogue. */
  readonly code: string;
  /** Linux's errno name. */
  readonly errno: Errno;
  /** Linux's errno number, positive. */
  readonly errnum: number;
  /** The message without the errno: for whoever refuses with another one because of this. */
  readonly reason: string;
  /** Structured fields of the refusal. */
  readonly details: ErrorDetails;

  constructor(code: string, errno: Errno, message: string, details: ErrorDetails = {}) {
    super(`${errno}: ${message}`);
    this.code = code;
    this.errno = errno;
    this.errnum = ERRNO[errno];
    this.reason = message;
    this.details = Object.freeze({ ...details });
  }
}

/** A `KernelError` from core's own catalogue. */
export function coreError(code: CoreErrorCode, message: string, details?: ErrorDetails): KernelError {
  return new KernelError(code, CORE_ERRORS[code], message, details);
}
