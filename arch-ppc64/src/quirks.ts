import type { Quirk } from '@hwbp/core';

const ALL = 'Linux 5.8 to 6.12';

/** Lengths are kept in 16 bits. */
export const LENGTH_IS_16_BITS: Quirk = Object.freeze({
  name: 'ppc64-length-is-16-bits',
  what: "a length is cut to 16 bits, and a debugger's range first to a signed 32-bit number: 65,536 + k behaves as k, and small negative lengths may be accepted",
  versions: ALL,
  evidence: 'recordings ppc64/PP and PV, fact 6',
  sane: 'a length that no register can watch is refused with EINVAL',
});

/** Bits of bp_type besides R and W do not matter. */
export const IGNORES_TYPE_BITS: Quirk = Object.freeze({
  name: 'ppc64-ignores-type-bits',
  what: 'a bp_type with R or W and any other bit is accepted, and the other bits are ignored',
  versions: ALL,
  evidence: 'recordings ppc64/PV, fact 7',
  sane: 'it is refused with EINVAL',
});

/** The unaligned address goes into DABR. */
export const DABR_TAKES_ADDRESS_BITS: Quirk = Object.freeze({
  name: 'ppc64-dabr-takes-address-bits',
  what: 'the low bits of an unaligned address turn into DR, DW and BT of DABR: a watch for loads at ...1f matches stores too, and since no breakpoint wants such a hit, the task gets SIGTRAP again and again',
  versions: ALL,
  evidence: 'recordings ppc64/PH, fact 13',
  sane: 'the address is aligned before it is written',
});

/** A match that fits no breakpoint. */
export const UNMATCHED_HIT_DISARMS: Quirk = Object.freeze({
  name: 'ppc64-unmatched-hit-disarms',
  what: 'a match that fits no breakpoint (in its kind of access or mode) leaves every register of that CPU disarmed until a breakpoint is next installed, and the task gets SIGTRAP',
  versions: ALL,
  evidence: 'spec 2.5, recordings ppc64/PH, fact 13',
  sane: 'the access is completed, nobody is told, and the registers stay armed',
});

/** Load-reserve and store-conditional. */
export const RESERVE_DISABLES: Quirk = Object.freeze({
  name: 'ppc64-reserve-disables',
  what: 'a hit of a load-reserve or store-conditional does not count and disables the breakpoint for good, with a warning in the log only',
  versions: ALL,
  evidence: 'recordings ppc64/PH, fact 12',
  sane: 'the access is completed with its reservation, and the hit counts',
});

/** A debugger's hit takes the others with it. */
export const DEBUGGER_HIT_TAKES_ALL: Quirk = Object.freeze({
  name: 'ppc64-debugger-hit-takes-all',
  what: "where a debugger's breakpoint and others match one access, the others are told before the access too, even of bytes that they did not ask for, and stay disarmed until they are next installed",
  versions: 'Linux 5.8 to 6.5',
  evidence: 'spec 2.5, recordings ppc64/PH',
  sane: 'the others are told after the access, of bytes that they asked for, and stay armed',
});

/** What GET_DEBUGREG reads. */
export const READBACK_IS_STALE: Quirk = Object.freeze({
  name: 'ppc64-readback-is-stale',
  what: 'GET_DEBUGREG goes on reading the latest value that armed the breakpoint after that was removed, by SET_DEBUGREG or by DELHWDEBUG',
  versions: ALL,
  evidence: 'recordings ppc64/PP, facts 2 and 3',
  sane: 'once the breakpoint is gone it reads 0',
});

/** What GET_DEBUGREG reads in other lives. */
export const READBACK_SURVIVES: Quirk = Object.freeze({
  name: 'ppc64-readback-survives-fork-and-exec',
  what: "a child that was forked reads its parent's GET_DEBUGREG value, and exec does not clear it, although neither has breakpoints",
  versions: ALL,
  evidence: 'recordings ppc64/PP, fact 4',
  sane: 'in both it reads 0',
});

/** Breakpoints stay armed when the tracer lets go. */
export const DETACH_KEEPS_BREAKPOINTS: Quirk = Object.freeze({
  name: 'ppc64-detach-keeps-breakpoints',
  what: 'breakpoints that a debugger set stay armed after it has detached: the next hit kills the task with SIGTRAP',
  versions: ALL,
  evidence: 'spec 2.10: they are flushed at fork, exec and exit only',
  sane: 'detaching releases the breakpoints and their slots, and GET_DEBUGREG reads 0',
});

/** The overlap rule between debuggers and everybody else. */
export const OVERLAP_IGNORES_TASK: Quirk = Object.freeze({
  name: 'ppc64-overlap-ignores-task',
  what: "where debuggers' breakpoints and others may not overlap (kernels before 6.6, overlapExclusion), a breakpoint of another task that is bound to a CPU is in a debugger's way too",
  versions: 'Linux 5.8 to 6.5',
  evidence: 'recordings ppc64/PC (POWER10, 6.1, id 94), fact 9',
  sane: 'only what can watch the same task at all is in its way',
});

/** Every quirk of the ppc64 package. */
export const PPC64_QUIRKS: readonly Quirk[] = Object.freeze([
  LENGTH_IS_16_BITS,
  IGNORES_TYPE_BITS,
  DABR_TAKES_ADDRESS_BITS,
  UNMATCHED_HIT_DISARMS,
  RESERVE_DISABLES,
  DEBUGGER_HIT_TAKES_ALL,
  READBACK_IS_STALE,
  READBACK_SURVIVES,
  DETACH_KEEPS_BREAKPOINTS,
  OVERLAP_IGNORES_TASK,
]);
