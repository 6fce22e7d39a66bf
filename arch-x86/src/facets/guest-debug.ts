import type { GuestDebug, QuirkSet } from '@hwbp/core';
import type { ResolvedFeatures } from '../features.js';
import { CR4_DE } from '../guest/guest-registers.js';
import { X86GuestDebug } from '../guest/x86-guest-debug.js';
import { GUEST_BREAKPOINT_LOST, GUEST_STATUS_LEAKS } from '../quirks.js';
import { DR6_RESET } from '../silicon/dr6.js';
import type { X86Silicon } from '../silicon/x86-silicon.js';

/** Functions of kvm-amd: that of every exit, and further ones. */
const HANDLE_EXIT = 'svm_handle_exit';
const PATHS: Readonly<Record<string, readonly string[]>> = {
  db: [HANDLE_EXIT, 'db_interception'],
  dr: [HANDLE_EXIT, 'dr_interception'],
};
const PATH: readonly string[] = [HANDLE_EXIT];

/** Virtual CPUs of x86: each with DR0 to DR7 of its own. */
export function x86GuestDebug({ model, debuggingExtensions }: ResolvedFeatures, quirks: QuirkSet): GuestDebug {
  const { nextRip, exitRestoresStatus } = model.virtualization;
  const losesBreakpoints = quirks.isOn(GUEST_BREAKPOINT_LOST) && !nextRip;
  const leaks = quirks.isOn(GUEST_STATUS_LEAKS) && !exitRestoresStatus;
  const cr4 = debuggingExtensions ? CR4_DE : 0n;
  return {
    path: (exit) => PATHS[exit] ?? PATH,
    create: (host) => new X86GuestDebug({ model, cr4, losesBreakpoints, host }),
    settle(physical, active) {
      const unit = physical as X86Silicon;
      if (unit.status !== DR6_RESET && (active || !leaks)) unit.setStatus(DR6_RESET);
    },
  };
}
