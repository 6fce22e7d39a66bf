import { type Errno, type ErrorDetails, KernelError } from '@hwbp/core';

/** Every way in which the classes of this package refuse; the key is API and stable. A test pins this list. */
export const SCHEDULER_ERRORS = Object.freeze({
  /** No room for another task with a deadline, or more of its time. */
  DEADLINE_NO_BANDWIDTH: 'EBUSY',
  /** What is to be replayed is no recorded schedule, or is damaged. */
  SCHEDULE_INVALID: 'EINVAL',
  /** A recorded schedule does not fit: it is of another composition, or is over. */
  SCHEDULE_DOES_NOT_FIT: 'EINVAL',
} as const satisfies Record<string, Errno>);

/** A stable code of an error of this package. */
export type SchedulerErrorCode = keyof typeof SCHEDULER_ERRORS;

/** A `KernelError` from this package's catalogue. */
export function schedulerError(code: SchedulerErrorCode, message: string, details?: ErrorDetails): KernelError {
  return new KernelError(code, SCHEDULER_ERRORS[code], message, details);
}
