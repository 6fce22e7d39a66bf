import type { GuestDebug } from '@hwbp/core';
import type { ResolvedFeatures } from '../features.js';
import { Arm64GuestDebug } from '../guest/arm64-guest-debug.js';

/** Functions of KVM that the host is in behind an exit (arch/arm64/kvm/handle_exit.c). */
const HANDLE_EXIT = 'handle_exit';
const PATHS: Readonly<Record<string, readonly string[]>> = {
  db: [HANDLE_EXIT, 'kvm_handle_guest_debug'],
  bp: [HANDLE_EXIT, 'kvm_handle_guest_debug'],
  dr: [HANDLE_EXIT, 'kvm_handle_sys_reg'],
  hcall: [HANDLE_EXIT, 'handle_hvc'],
  mmio: [HANDLE_EXIT, 'kvm_handle_guest_abort'],
  halt: [HANDLE_EXIT, 'kvm_handle_wfx'],
};
const PATH: readonly string[] = [HANDLE_EXIT];

/** Virtual CPUs of arm64, each with registers of its own. */
export function arm64GuestDebug(features: ResolvedFeatures): GuestDebug {
  return {
    path: (exit) => PATHS[exit] ?? PATH,
    create: () => new Arm64GuestDebug(features),
    /** FAR and ESR were put back as the guest left. */
    settle() {},
  };
}
