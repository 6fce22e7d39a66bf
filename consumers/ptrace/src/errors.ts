import { type Errno, type ErrorDetails, KernelError } from '@hwbp/core';

/**
 * Every way in which ptrace itself refuses; a test pins this list. What debug registers refuse comes from the
 * architecture.
 */
export const PTRACE_ERRORS = Object.freeze({
  /** The task is not traced by this tracer, or it is not stopped. */
  PTRACE_NOT_STOPPED: 'ESRCH',
  /** The task has exited: to Linux a zombie, which cannot be attached to. */
  PTRACE_GONE: 'EPERM',
  /** Somebody traces the task already. */
  PTRACE_ALREADY_TRACED: 'EPERM',
  /** A kernel thread cannot be traced. */
  PTRACE_KERNEL_THREAD: 'EPERM',
  /** ptrace was stopped, or its kernel disposed. */
  PTRACE_STOPPED: 'ENODEV',
  /** The tracer was closed. */
  PTRACE_CLOSED: 'ESRCH',
  /** An offset outside the user area, between words, or of a word that cannot be written. */
  PTRACE_BAD_OFFSET: 'EIO',
  /** The tracee's memory is not mapped there. */
  PTRACE_BAD_ADDRESS: 'EIO',
  /** No register of that name. */
  PTRACE_BAD_REGISTER: 'EIO',
  /** The architecture does not have that request. */
  PTRACE_NO_REQUEST: 'EIO',
  /** A register set that the architecture does not have, or a length that ends inside of an element. */
  PTRACE_BAD_SET: 'EINVAL',
  /** The request is for tracees that were seized. */
  PTRACE_NOT_SEIZED: 'EIO',
  /** The tracee is not in PTRACE_EVENT_STOP. */
  PTRACE_NO_EVENT_STOP: 'EIO',
  /** The last stop was no signal. */
  PTRACE_NO_SIGINFO: 'EINVAL',
} as const satisfies Record<string, Errno>);

/** A stable code of an error of ptrace. */
export type PtraceErrorCode = keyof typeof PTRACE_ERRORS;

/** A `KernelError` from ptrace's catalogue. */
export function ptraceError(code: PtraceErrorCode, message: string, details?: ErrorDetails): KernelError {
  return new KernelError(code, PTRACE_ERRORS[code], message, details);
}
