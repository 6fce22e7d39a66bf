import { type Errno, type ErrorDetails, KernelError } from '@hwbp/core';

/** Every way in which ppc64's own facets refuse; a test pins this list. The rest comes from core. */
export const PPC64_ERRORS = Object.freeze({
  /** GET_DEBUGREG and SET_DEBUGREG know register 0 only. */
  PPC64_NO_DEBUG_REGISTER: 'EINVAL',
  /** A value of SET_DEBUGREG whose address is not in user space, or without the translate bit. */
  PPC64_BAD_DABR: 'EIO',
  /** A `ppc_hw_breakpoint` of another version than 1. */
  PPC64_BAD_VERSION: 'ENOTSUPP',
  /** Trigger, condition, mode or length that the hardware does not have. */
  PPC64_BAD_REQUEST: 'EINVAL',
  /** The address is not in user space. */
  PPC64_BAD_ADDRESS: 'EIO',
  /** Every handle of the task is taken. */
  PPC64_NO_HANDLE: 'ENOSPC',
  /** A handle that cannot be. */
  PPC64_BAD_HANDLE: 'EINVAL',
  /** The hypervisor of a partition does not let it use POWER9's DAWR. */
  PPC64_DAWR_REFUSED: 'ENODEV',
  /** Somebody else has CIABR. */
  PPC64_CIABR_TAKEN: 'EBUSY',
  /** No instruction can stand there: it is not in the kernel, or not at a multiple of 4. */
  PPC64_BAD_INSTRUCTION: 'EINVAL',
  /** The hypervisor of a partition does not let it use CIABR. */
  PPC64_CIABR_REFUSED: 'ENODEV',
  /** A handle that is not taken. */
  PPC64_FREE_HANDLE: 'ENOENT',
} as const satisfies Record<string, Errno>);

/** A stable code of an error of ppc64's facets. */
export type Ppc64ErrorCode = keyof typeof PPC64_ERRORS;

/** A `KernelError` from ppc64's catalogue. */
export function ppc64Error(code: Ppc64ErrorCode, message: string, details?: ErrorDetails): KernelError {
  return new KernelError(code, PPC64_ERRORS[code], message, details);
}
