import type { DebugUnit } from '@hwbp/core';

/** Number of address registers, DR0 to DR3. */
export const X86_DEBUG_REGISTERS = 4;

/**
 * What the driver needs of an x86 debug unit: `X86DebugUnit` is one; somebody else's silicon can be another. Values are
 * those of the registers, as unsigned 32-bit numbers; addresses are given in two halves of either sign.
 */
export interface X86Silicon extends DebugUnit {
  /** DR6. */
  readonly status: number;
  /** DR7. */
  readonly control: number;
  /** DR0 to DR3. */
  address(register: number): bigint;
  /**
   * DR6 as the exception that is being reported has left it, where that is not {@link status}: a guest's CPU, whose own
   * DR6 is somewhere else.
   */
  readonly exceptionStatus?: number;
  /** A guest has its registers in here: whoever lends these has to keep them as they are. @settable */
  occupied?: boolean;
  /** Writes DR6. */
  setStatus(value: number): void;
  /** Writes DR7. */
  setControl(value: number): void;
  /** Writes DR0 to DR3. */
  setAddress(register: number, hi: number, lo: number): void;
  /**
   * Writes the address mask of a register (AMD's DRn_ADDR_MASK MSRs, CPUID feature `bpext`): low bits that are not
   * compared.
   */
  setAddressMask(register: number, mask: number): void;
}
