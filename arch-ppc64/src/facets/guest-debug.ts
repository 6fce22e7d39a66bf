import type { GuestDebug } from '@hwbp/core';
import type { ResolvedFeatures } from '../features.js';
import { Ppc64GuestDebug } from '../guest/ppc64-guest-debug.js';

/** Functions of kvm-hv: that of every exit, and further ones. */
const HANDLE_EXIT = 'kvmppc_handle_exit_hv';
const PATHS: Readonly<Record<string, readonly string[]>> = {
  hcall: [HANDLE_EXIT, 'kvmppc_pseries_do_hcall'],
  bp: [HANDLE_EXIT, 'kvmppc_emulate_debug_inst'],
  mmio: [HANDLE_EXIT, 'kvmppc_hv_emulate_mmio'],
};
const PATH: readonly string[] = [HANDLE_EXIT];

/** Virtual CPUs of ppc64: logical partitions, each with watch registers of its own. */
export function ppc64GuestDebug(features: ResolvedFeatures): GuestDebug {
  const { model, dabrx, guestDawr1, guestWatchReserved } = features;
  const { isa, watches, usable } = model;
  const hypervisor = {
    watches,
    usable,
    ciabr: isa > 2.06,
    dabrx,
    dawr1: guestDawr1,
    reserved: guestWatchReserved,
  };
  return {
    path: (exit) => PATHS[exit] ?? PATH,
    create: () => new Ppc64GuestDebug({ hypervisor, isa }),
    /** The next data storage interrupt writes DAR and DSISR; what they held before was put back as the guest left. */
    settle() {},
  };
}
