import { type Errno, type ErrorDetails, KernelError } from '@hwbp/core';

/** Every way in which x86's own facets refuse; a test pins this list. The rest comes from core. */
export const X86_ERRORS = Object.freeze({
  /** A debug register that does not exist, or DR4 or DR5, which cannot be written. */
  X86_NO_DEBUG_REGISTER: 'EIO',
  /** An exception is to be injected into a guest while another one waits. */
  X86_GUEST_EVENT_PENDING: 'EBUSY',
  /** Debug registers of a guest that no CPU could hold. */
  X86_GUEST_REGISTERS: 'EINVAL',
} as const satisfies Record<string, Errno>);

/** A stable code of an error of x86's facets. */
export type X86ErrorCode = keyof typeof X86_ERRORS;

/** A `KernelError` from x86's catalogue. */
export function x86Error(code: X86ErrorCode, message: string, details?: ErrorDetails): KernelError {
  return new KernelError(code, X86_ERRORS[code], message, details);
}
