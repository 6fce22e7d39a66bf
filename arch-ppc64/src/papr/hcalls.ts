import type { DebugUnit } from '@hwbp/core';

/*
 * Hypercalls of a logical partition that concern debug registers (PAPR; Linux: arch/powerpc/include/asm/hvcall.h).
 *
 * | call        | arguments                                     | writes                             |
 * | ----------- | --------------------------------------------- | ---------------------------------- |
 * | H_SET_DABR  | DABR                                          | DABR; DABRX is user and kernel     |
 * | H_SET_MODE  | flags (0), resource, value 1, value 2         | CIABR, DAWR0, DAWR1 (and DAWRXn)   |
 * | H_SET_XDABR | DABR, DABRX                                   | both                               |
 */

export const H_SET_DABR = 0x28;
export const H_SET_XDABR = 0x134;
export const H_SET_MODE = 0x31c;

/** Resources of H_SET_MODE. */
export const H_SET_MODE_CIABR = 1;
export const H_SET_MODE_DAWR0 = 2;
export const H_SET_MODE_DAWR1 = 5;

/** What a hypercall returns in r3. */
export const HCALL_STATUS = Object.freeze({
  H_SUCCESS: 0,
  /** The hardware cannot do it: a DAWR that is switched off (KVM). */
  H_HARDWARE: -1,
  /** There is no such call, or not for this partition. */
  H_FUNCTION: -2,
  H_PARAMETER: -4,
  /** The hypervisor has taken the register for itself. */
  H_RESERVED_DABR: -8,
  /** The second to fourth argument: of H_SET_MODE a resource that is not there, value 1, value 2. */
  H_P2: -55,
  H_P3: -56,
  H_P4: -57,
  /** Of flags that are not known, the first would be this one minus its number. */
  H_UNSUPPORTED_FLAG_START: -256,
});

/** The name of a status. */
export type HcallStatusName = keyof typeof HCALL_STATUS;

/** A status with its name, for messages. */
export function describeStatus(status: number): string {
  const known = Object.entries(HCALL_STATUS).find(([, value]) => value === status);
  return known === undefined ? String(status) : `${known[0]} (${status})`;
}

/** A debug unit of a partition: its registers are the hypervisor's, which writes them if it is called. */
export interface Hypervised {
  /**
   * Makes a hypercall as the partition's kernel does; arguments have 64 bits, missing ones are 0. Returns the status.
   */
  hypercall(number: number, ...args: readonly bigint[]): number;
}

/** The hypervisor behind a debug unit; `undefined`: the registers are those of a chip. */
export function hypervisorOf(unit: DebugUnit): Hypervised | undefined {
  return typeof (unit as Partial<Hypervised>).hypercall === 'function' ? (unit as DebugUnit & Hypervised) : undefined;
}
