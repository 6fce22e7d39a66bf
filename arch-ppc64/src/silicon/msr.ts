import type { Context, FlagsRegister } from '@hwbp/core';

/*
 * MSR bits of user code on a 64-bit kernel: SF, FP, EE, PR, ME, IR, DR, PMM clear, RI, and LE. SE is the single step
 * flag.
 */
export const MSR_USER = 0x8000_0000_0000_f032n;
export const MSR_LE = 1n;
export const MSR_SE = 0x400n;
/** Problem state: user mode. */
export const MSR_PR = 0x4000n;

/** MSR as mtmsrd writes it: in user mode, where that is a privileged instruction, nothing (Power ISA, book III). */
export const MSR: FlagsRegister = Object.freeze({
  name: 'msr',
  write(context: Context, value: bigint) {
    if (context.mode === 'user') return;
    context.forcedStep = false;
    context.singleStep = (value & MSR_SE) !== 0n;
  },
});
