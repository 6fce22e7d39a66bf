import { joinHalves } from '@hwbp/core';
import {
  H_SET_DABR,
  H_SET_MODE,
  H_SET_MODE_DAWR0,
  H_SET_MODE_DAWR1,
  H_SET_XDABR,
  HCALL_STATUS,
  type Hypervised,
} from '../papr/hcalls.js';
import { SPR } from '../silicon/spr.js';
import {
  PRIVILEGE_HYPERVISOR,
  PRIVILEGE_KERNEL,
  PRIVILEGE_USER,
  type WatchLayout,
  type WatchValue,
} from '../silicon/watch-layout.js';

/** What PAPR lets a partition set in DABRX, as far as Linux knows. */
const DABRX_MODES = PRIVILEGE_USER | PRIVILEGE_KERNEL;
/** A flag of H_SET_MODE that no hypervisor knows: a call with it changes nothing. */
export const UNKNOWN_FLAG = 1n;

/**
 * Sets a watch register of a logical partition by hypercall (Linux: arch/powerpc/platforms/pseries/setup.c). Returns
 * the status. `dabrx`: the hypervisor has H_SET_XDABR.
 */
export function setByHypercall(
  hypervisor: Hypervised,
  layout: WatchLayout,
  { hi, lo, control }: WatchValue,
  dabrx: boolean,
): number {
  const address = joinHalves(hi, lo);
  if (layout.addressSpr === SPR.DABR) {
    if (!dabrx) return hypervisor.hypercall(H_SET_DABR, address);
    // PAPR wants one mode at least, to disarm it too.
    const modes = address === 0n && control === 0 ? PRIVILEGE_USER : control & DABRX_MODES;
    return hypervisor.hypercall(H_SET_XDABR, address, BigInt(modes));
  }
  const resource = layout.addressSpr === SPR.DAWR1 ? H_SET_MODE_DAWR1 : H_SET_MODE_DAWR0;
  const dawrx = BigInt((control & ~PRIVILEGE_HYPERVISOR) >>> 0);
  return hypervisor.hypercall(H_SET_MODE, 0n, BigInt(resource), address, dawrx);
}

/**
 * True if the hypervisor lets DAWR0 be used. Linux sets an empty watch and looks at the status; this asks with a flag
 * that is refused, later than a register that is not there, so that nothing changes.
 */
export function offersDawr(hypervisor: Hypervised): boolean {
  const status = hypervisor.hypercall(H_SET_MODE, UNKNOWN_FLAG, BigInt(H_SET_MODE_DAWR0), 0n, 0n);
  return status !== HCALL_STATUS.H_P2 && status !== HCALL_STATUS.H_FUNCTION;
}
