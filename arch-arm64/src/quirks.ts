import type { Quirk } from '@hwbp/core';

const VERSIONS = 'Linux 6.1 and 6.12, and the years around them';

/** A touched entry of a register set is a breakpoint. */
export const TOUCHED_ENTRIES_TAKE_SLOTS: Quirk = Object.freeze({
  name: 'arm64-touched-entries-take-slots',
  what: 'every entry that SETREGSET reaches, even with address 0 and a control of 0, takes a slot until exec or exit; a write that fails keeps what the entries before it took; the address is judged with the type and length that the entry had before, and the control then; BAS with low zero bits moves the address for good',
  versions: VERSIONS,
  evidence: 'recordings arm64/AP and AC, findings A3, A5, A6, A7, C4',
  sane: 'an entry takes a slot while it is enabled, address and control are judged together, and a write that fails changes nothing',
});

/** Execute breakpoints at any address, of any length. */
export const ACCEPTS_ANY_EXECUTION: Quirk = Object.freeze({
  name: 'arm64-accepts-any-execution',
  what: 'an execute breakpoint may have any length from 1 to 8, and lie at any address: where that is no multiple of 4 it never fires',
  versions: VERSIONS,
  evidence: 'recordings arm64/AP and AV, findings A8, V3, T6',
  sane: 'its length is 4, or 8 (the size of a long), and its address a multiple of 4; anything else is EINVAL',
});

/** Where it lies decides in which mode it matches. */
export const LEVEL_FOLLOWS_ADDRESS: Quirk = Object.freeze({
  name: 'arm64-level-follows-address',
  what: "a breakpoint at an address of user space matches at EL0 only, one of the kernel's at EL1 only, whatever exclude_user and exclude_kernel say: of the kernel's accesses to user memory only unprivileged ones are seen, and a task has no breakpoints in the kernel (EINVAL)",
  versions: VERSIONS,
  evidence: 'spec arm64 3.3, recordings arm64/AV, finding V4',
  sane: 'it matches in the modes that are not excluded, for tasks and CPUs alike',
});

/** A range of the kernel's that is taken for one of user space. */
export const SHIFTED_MASK_HIDES_KERNEL: Quirk = Object.freeze({
  name: 'arm64-shifted-mask-hides-kernel',
  what: 'of bytes in the first doubleword of the kernel that do not begin with its first byte, the check for kernel addresses sees a range of no length, which ends in user space: exclude_kernel and a lack of privilege do not matter',
  versions: VERSIONS,
  evidence: 'spec arm64 3.3',
  sane: 'they are kernel addresses like any other',
});

/** The kernel steps tasks with the same means as their tracers. */
export const STEPS_LIKE_A_TRACER: Quirk = Object.freeze({
  name: 'arm64-steps-like-a-tracer',
  what: "handlers run before the access, and then the kernel steps the task over it, with all watchpoints (or breakpoints) of the task off and by the tracer's own flag: what else that instruction touches is lost; a stop before the end of the step and PTRACE_CONT leave them off, and the next step of anybody is swallowed; of several that match the last decides whether it steps; a system call that it steps over reports a step to whoever traces; new breakpoints are born dead meanwhile",
  versions: VERSIONS,
  evidence: 'recordings arm64/AH, findings H1, H2, H8 to H12',
  sane: 'the instruction completes once with the registers disarmed, everybody whom it concerns is told afterwards, and a tracer does not notice',
});

/** Copies by the kernel. */
export const COPIES_ARE_SILENT: Quirk = Object.freeze({
  name: 'arm64-copies-are-silent',
  what: "hits of the kernel's own loads and stores in user memory are stepped over: they do not count, and nobody is told",
  versions: VERSIONS,
  evidence: 'recordings arm64/AH, finding H3',
  sane: 'they are hits in kernel mode, which exclude_kernel drops',
});

/** The end of a system call under a step. */
export const STEPPED_CALL_STOPS_TWICE: Quirk = Object.freeze({
  name: 'arm64-stepped-call-stops-twice',
  what: 'a step over a system call reports SIGTRAP with SI_USER at its end, and then the step itself at the same place',
  versions: VERSIONS,
  evidence: 'recordings arm64/AP, finding S6',
  sane: 'it reports the step',
});

/** Debug registers outlive the tracer. */
export const DETACH_KEEPS_BREAKPOINTS: Quirk = Object.freeze({
  name: 'arm64-detach-keeps-breakpoints',
  what: 'PTRACE_DETACH leaves the breakpoints of the task armed: a hit kills it',
  versions: VERSIONS,
  evidence: 'recordings arm64/AP, finding A10',
  sane: 'they go with the tracer',
});

/** Every quirk of this architecture. */
export const ARM64_QUIRKS: readonly Quirk[] = Object.freeze([
  TOUCHED_ENTRIES_TAKE_SLOTS,
  ACCEPTS_ANY_EXECUTION,
  LEVEL_FOLLOWS_ADDRESS,
  SHIFTED_MASK_HIDES_KERNEL,
  STEPS_LIKE_A_TRACER,
  COPIES_ARE_SILENT,
  STEPPED_CALL_STOPS_TWICE,
  DETACH_KEEPS_BREAKPOINTS,
]);
