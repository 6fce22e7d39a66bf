import { type Errno, type ErrorDetails, KernelError } from '@hwbp/core';

/**
 * Every way in which this package refuses. The key is API and stable (`KernelError.code`); the value is the errno that
 * Linux answers. A test pins this list.
 */
export const SYSCALLS_ERRORS = Object.freeze({
  /** No open file has this descriptor, or it is not open for that. */
  CALL_BAD_DESCRIPTOR: 'EBADF',
  /** Every descriptor is taken. */
  CALL_NO_DESCRIPTOR: 'EMFILE',
  /** An argument points to what the task may not access. */
  CALL_BAD_ADDRESS: 'EFAULT',
  /** An argument has a value that there is not. */
  CALL_BAD_ARGUMENT: 'EINVAL',
  /** It would have to wait, and was told not to. */
  CALL_WOULD_WAIT: 'EAGAIN',
  /** The word of a futex has another value. */
  CALL_FUTEX_CHANGED: 'EAGAIN',
  /** The time of a wait is over. */
  CALL_TIMED_OUT: 'ETIMEDOUT',
  /** Nobody reads from a pipe any more. */
  CALL_NO_READER: 'EPIPE',
  /** The program table has nothing under a path. */
  CALL_NO_PROGRAM: 'ENOENT',
  /** There is no such task. */
  CALL_NO_TASK: 'ESRCH',
  /** It is not the caller's to signal. */
  CALL_NOT_PERMITTED: 'EPERM',
  /** More memory than a process may have. */
  CALL_NO_MEMORY: 'ENOMEM',
  /** Memory of a kind that there is not here, such as a file's. */
  CALL_NO_SUCH_MEMORY: 'ENODEV',
} as const satisfies Record<string, Errno>);

/** A stable code of an error that this package reports. */
export type SyscallsErrorCode = keyof typeof SYSCALLS_ERRORS;

/** A `KernelError` from this package's catalogue. */
export function callError(code: SyscallsErrorCode, message: string, details?: ErrorDetails): KernelError {
  return new KernelError(code, SYSCALLS_ERRORS[code], message, details);
}
