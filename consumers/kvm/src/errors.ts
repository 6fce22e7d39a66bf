import { type Errno, type ErrorDetails, KernelError } from '@hwbp/core';

/**
 * Every way in which KVM itself refuses; a test pins this list. What debug registers refuse comes from the
 * architecture.
 */
export const KVM_ERRORS = Object.freeze({
  /** The virtual machine has ended. */
  KVM_ENDED: 'ENODEV',
  /** Two virtual machines of one name. */
  KVM_NAME_TAKEN: 'EBUSY',
  /** Somebody debugs the guest already. */
  KVM_DEBUGGED: 'EBUSY',
  /** Nobody debugs the guest who could have it stop, go on, or watch. */
  KVM_NOT_DEBUGGED: 'ESRCH',
  /** Whoever debugs the guest has every debug register already. */
  KVM_NO_REGISTER: 'ENOSPC',
} as const satisfies Record<string, Errno>);

/** A stable code of an error of KVM. */
export type KvmErrorCode = keyof typeof KVM_ERRORS;

/** A `KernelError` from KVM's catalogue. */
export function kvmError(code: KvmErrorCode, message: string, details?: ErrorDetails): KernelError {
  return new KernelError(code, KVM_ERRORS[code], message, details);
}
