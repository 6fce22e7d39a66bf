import type { Mode } from '@hwbp/core';

/*
 * CIABR, the completed instruction address breakpoint since POWER8 (Power ISA 3.1, Book III, 9.3).
 *
 * | bits | name | meaning                                                                              |
 * | ---- | ---- | ------------------------------------------------------------------------------------ |
 * | 2-63 | CIEA | address of the instruction                                                           |
 * | 0-1  | PRIV | mode in which it matches: 0 none, 1 user, 2 privileged, 3 hypervisor                 |
 *
 * An instruction that matches raises a trace interrupt once it has completed.
 */

export const CIABR_PRIV = 3;
export const CIABR_PRIV_SUPERVISOR = 2;
export const CIABR_PRIV_HYPER = 3;

const PRIVILEGES: Readonly<Record<Mode, number>> = {
  user: 1,
  kernel: CIABR_PRIV_SUPERVISOR,
  hypervisor: CIABR_PRIV_HYPER,
};

/** True if an instruction at this address, in halves of either sign, matches the register. */
export function matchesCiabr(ciabr: { readonly hi: number; readonly lo: number }, hi: number, lo: number, mode: Mode) {
  return (ciabr.lo & CIABR_PRIV) === PRIVILEGES[mode] && (ciabr.lo & ~3) === (lo | 0) && ciabr.hi === (hi | 0);
}
