/*
 * MSR bits of user code on a 64-bit kernel: SF, FP, EE, PR, ME, IR, DR, PMM clear, RI, and LE. SE is the single step
 * flag.
 */
export const MSR_USER = 0x8000_0000_0000_f032n;
export const MSR_LE = 1n;
export const MSR_SE = 0x400n;
/** Problem state: user mode. */
export const MSR_PR = 0x4000n;
