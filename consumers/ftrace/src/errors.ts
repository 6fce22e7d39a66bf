import { type Errno, type ErrorDetails, KernelError } from '@hwbp/core';

/**
 * Every way in which this package refuses. The key is API and stable (`KernelError.code`); the value is the errno that
 * Linux answers. What the breakpoint API refuses for other reasons (ENOSPC, EOPNOTSUPP, ...) comes through with core's
 * own code. A test pins this list.
 */
export const FTRACE_ERRORS = Object.freeze({
  /** The tracing directory has no such file. */
  FTRACE_NO_SUCH_FILE: 'ENOENT',
  /** The file cannot be written. */
  FTRACE_READ_ONLY: 'EACCES',
  /** The tracer is stopped: nothing can be written, subscribed or tested. */
  FTRACE_STOPPED: 'ENODEV',
  /** A switch such as `tracing_on` was written something other than a number. */
  FTRACE_BAD_NUMBER: 'EINVAL',
  /** `current_tracer` was written a name that `available_tracers` does not list. */
  FTRACE_NO_SUCH_TRACER: 'EINVAL',
  /** `trace_options` was written something that is no option. */
  FTRACE_NO_SUCH_OPTION: 'EINVAL',
  /** A filter is not `symbol:ops` with three characters of ops. */
  KSYM_MALFORMED: 'EINVAL',
  /** The symbol table does not know the symbol. */
  KSYM_UNKNOWN_SYMBOL: 'EINVAL',
  /** The ops ask for execution, or for nothing. */
  KSYM_BAD_OPS: 'EINVAL',
  /** The symbol is watched with these ops already. */
  KSYM_DUPLICATE: 'EINVAL',
  /** A symbol that is to be removed is not listed. */
  KSYM_NOT_LISTED: 'EINVAL',
  /** The architecture cannot watch this: misaligned, or reads alone on x86. `cause` is its error. */
  KSYM_ARCH_REFUSED: 'EINVAL',
  /** The self-test saw something else than the two records that it made. */
  KSYM_SELF_TEST_FAILED: 'EIO',
  /** The self-test found no CPU: each of them is inside an exception of the kernel, or stopped by a debugger. */
  KSYM_SELF_TEST_NO_CPU: 'EBUSY',
} as const satisfies Record<string, Errno>);

/** A stable code of an error that this package reports. */
export type FtraceErrorCode = keyof typeof FTRACE_ERRORS;

/** A `KernelError` from this package's catalogue. */
export function ftraceError(
  code: FtraceErrorCode,
  message: string,
  details?: ErrorDetails,
  cause?: unknown,
): KernelError {
  const error = new KernelError(code, FTRACE_ERRORS[code], message, details);
  if (cause !== undefined) error.cause = cause;
  return error;
}
