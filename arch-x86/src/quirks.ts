import type { Quirk } from '@hwbp/core';

/** A DR7 write that fails leaves traces in slots. */
export const DR7_FAILURE_LEAVES_TRACES: Quirk = Object.freeze({
  name: 'x86-dr7-failure-leaves-traces',
  what: 'a DR7 write that is refused gives back neither the slots that it created before it failed nor the type and length of disabled ones, which become execute, 1 byte',
  versions: 'Linux 2.6.33 to 6.18',
  evidence: 'recordings x86/P, rule P4',
  sane: 'a refused write leaves every slot as it was',
});

/** Breakpoints stay armed when the tracer lets go. */
export const DETACH_KEEPS_BREAKPOINTS: Quirk = Object.freeze({
  name: 'x86-detach-keeps-breakpoints',
  what: 'breakpoints that a debugger set stay armed after it has detached: the next hit kills the task with SIGTRAP',
  versions: 'Linux 2.6.33 to 6.18',
  evidence: 'recordings x86/P, rule P6; spec 5.7',
  sane: 'detaching releases the breakpoints and their slots, and the registers read as if never written',
});

/** A child shows its parent's DR6 and DR7. */
export const FORK_COPIES_DR6_DR7: Quirk = Object.freeze({
  name: 'x86-fork-copies-dr6-dr7',
  what: 'in a child that was forked or cloned DR6 and DR7 read as in its parent, although it has no breakpoints',
  versions: 'Linux 3.x to 6.18',
  evidence: 'recordings x86/P, rule P7; spec 5.7',
  sane: "a child's registers read as if never written",
});

/** A range is judged by where it begins. */
export const RANGE_ENTERS_KERNEL: Quirk = Object.freeze({
  name: 'x86-range-enters-kernel',
  what: 'a range of an address mask counts as user space if its first byte lies there, although it goes on into the kernel: an unprivileged user watches kernel memory',
  versions: 'Linux with range breakpoints of AMD, to 6.18',
  evidence:
    'arch/x86/kernel/hw_breakpoint.c: arch_check_bp_in_kernelspace takes the length from the length code, which is 1 byte under a mask',
  sane: 'every byte of a range counts: EPERM without privilege, EINVAL with exclude_kernel',
});

/** A #BP that a debugger injects into a guest is lost. */
export const GUEST_BREAKPOINT_LOST: Quirk = Object.freeze({
  name: 'x86-kvm-injected-breakpoint-lost',
  what: 'KVM_GUESTDBG_INJECT_BP is dropped unless an INT3 stands where the guest is, or the run begins by completing the access to a device',
  versions: 'Linux 6.1, kvm-amd on CPUs without NRIPS',
  evidence: 'recordings x86-kvm, finding 19',
  sane: 'the guest gets its #BP',
});

/** What a guest did shows in the host's next exception. */
export const GUEST_STATUS_LEAKS: Quirk = Object.freeze({
  name: 'x86-kvm-guest-dr6-leaks',
  what: "after an exit with no breakpoint of the host's armed DR6 keeps what the guest's exception left there, and the host's next #DB on that CPU reports it: a single step where there was none",
  versions: 'Linux 6.1, kvm-amd on CPUs whose exit leaves DR6 alone',
  evidence: 'recordings x86-kvm, finding 25',
  sane: 'DR6 is reset when the guest has left',
});

/** Every quirk of the x86 package. */
export const X86_QUIRKS: readonly Quirk[] = Object.freeze([
  DR7_FAILURE_LEAVES_TRACES,
  DETACH_KEEPS_BREAKPOINTS,
  FORK_COPIES_DR6_DR7,
  RANGE_ENTERS_KERNEL,
  GUEST_BREAKPOINT_LOST,
  GUEST_STATUS_LEAKS,
]);
