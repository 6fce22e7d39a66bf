import { type Errno, type ErrorDetails, KernelError } from '@hwbp/core';

/**
 * Every way in which kgdb itself refuses; a test pins this list. What breakpoints refuse comes from core and the
 * architecture.
 */
export const KGDB_ERRORS = Object.freeze({
  /** A packet whose fields are not what its letter asks for. */
  KGDB_BAD_PACKET: 'EINVAL',
  /** A packet longer than the size that was announced. */
  KGDB_TOO_LONG: 'E2BIG',
  /** No thread of that number. */
  KGDB_NO_THREAD: 'EINVAL',
  /** The debugger has no process of that number. */
  KGDB_NO_PROCESS: 'ESRCH',
  /** No register of that number. */
  KGDB_NO_REGISTER: 'EINVAL',
  /** No signal of that number. */
  KGDB_NO_SIGNAL: 'EINVAL',
  /** The CPU idles: there are no registers to write. */
  KGDB_IDLE: 'EINVAL',
  /** The program has ended: nothing can be resumed, read or written. */
  KGDB_ENDED: 'ESRCH',
  /** Nothing is mapped at the address, or it may not be accessed so. */
  KGDB_BAD_ADDRESS: 'EFAULT',
  /** A debugger may bring only so much memory into being. */
  KGDB_NO_MEMORY: 'ENOMEM',
  /** A condition that cannot be evaluated here. */
  KGDB_BAD_EXPRESSION: 'EINVAL',
  /** No breakpoint of that type at that address. */
  KGDB_NO_BREAKPOINT: 'ENOENT',
  /** As many software breakpoints as there may be. */
  KGDB_TOO_MANY_BREAKPOINTS: 'ENOSPC',
  /** Somebody else has a software breakpoint at that address. */
  KGDB_POINT_TAKEN: 'EBUSY',
  /** The machine was stopped in the middle of the slot accounting. */
  KGDB_ACCOUNTING_BUSY: 'EBUSY',
  /** Another debugger is attached to this kernel. */
  KGDB_ATTACHED: 'EBUSY',
  /** The consumer was stopped. */
  KGDB_STOPPED: 'ENODEV',
} as const satisfies Record<string, Errno>);

/** A stable code of an error of kgdb. */
export type KgdbErrorCode = keyof typeof KGDB_ERRORS;

/** A `KernelError` from kgdb's catalogue. */
export function kgdbError(code: KgdbErrorCode, message: string, details?: ErrorDetails): KernelError {
  return new KernelError(code, KGDB_ERRORS[code], message, details);
}
