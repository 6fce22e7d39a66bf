import { type Errno, type ErrorDetails, KernelError } from '@hwbp/core';

/**
 * Every way in which this package refuses. The key is API and stable (`KernelError.code`); the value is the errno that
 * Linux answers, or what fits best where Linux has no say (files, the event grammar). A test pins this list.
 */
export const PERF_ERRORS = Object.freeze({
  /**
   * A perf_event_attr is shorter than its first published size, longer than a page, or has set bits behind what is
   * known.
   */
  PERF_ATTR_SIZE: 'E2BIG',
  /** A field of a perf_event_attr that is not zero lies behind the size that was asked for. */
  PERF_ATTR_CUT: 'E2BIG',
  /** A reserved bit of a perf_event_attr is set, or a bit of `sample_type` or `read_format` that has no meaning. */
  PERF_ATTR_RESERVED: 'EINVAL',
  /**
   * An event whose samples are to be recorded asks for what a simulated kernel does not have: branch stacks, registers,
   * stacks, AUX data.
   */
  PERF_SAMPLE_UNSUPPORTED: 'EOPNOTSUPP',
  /** Bytes that should be a record are none, or not all of one. */
  PERF_RECORD_MALFORMED: 'EINVAL',
  /** A record would have more than 65,528 bytes. */
  PERF_RECORD_TOO_BIG: 'E2BIG',
  /** Bytes that should be a perf.data file are none. */
  PERF_DATA_MALFORMED: 'EINVAL',
  /** A perf.data file that may be whole, and whose records lie elsewhere or are compressed in a way not known here. */
  PERF_DATA_UNSUPPORTED: 'EOPNOTSUPP',
  /** Events that cannot share one perf.data file: their records could not be told apart. */
  PERF_DATA_EVENTS: 'EINVAL',
  /** An event description does not follow the grammar; `details.column` says where. */
  PERF_EVENT_SYNTAX: 'EINVAL',
  /** Flags, fields or a combination of fields that perf_event_open refuses. */
  PERF_OPEN_INVALID: 'EINVAL',
  /** The caller may not profile the kernel, a CPU, or this task. */
  PERF_OPEN_DENIED: 'EACCES',
  /** No task has this pid. */
  PERF_NO_TASK: 'ESRCH',
  /** A descriptor that is no open event. */
  PERF_BAD_FD: 'EBADF',
  /** The group's leader has ended with its task. */
  PERF_LEADER_GONE: 'ENODEV',
  /** perf was stopped, or its kernel disposed. */
  PERF_STOPPED: 'ENODEV',
  /** The event's file was closed. */
  PERF_CLOSED: 'EBADF',
  /** The buffer of a read is smaller than what has to be read. */
  PERF_READ_SHORT: 'ENOSPC',
  /** A group was changed after children had inherited it: their counts cannot be added until those end. */
  PERF_GROUP_CHANGED: 'ECHILD',
  /** A request of ioctl that there is not. */
  PERF_BAD_IOCTL: 'ENOTTY',
  /** An ioctl's argument, or what a modification asks for, is refused. */
  PERF_IOCTL_INVALID: 'EINVAL',
  /** Only breakpoints can be modified. */
  PERF_MODIFY_UNSUPPORTED: 'EOPNOTSUPP',
  /** A ring of this size, or of this event, cannot be mapped. */
  PERF_MMAP_INVALID: 'EINVAL',
} as const satisfies Record<string, Errno>);

/** A stable code of an error that this package reports. */
export type PerfErrorCode = keyof typeof PERF_ERRORS;

/** A `KernelError` from this package's catalogue. */
export function perfError(code: PerfErrorCode, message: string, details?: ErrorDetails): KernelError {
  return new KernelError(code, PERF_ERRORS[code], message, details);
}
