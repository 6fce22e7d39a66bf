/*
 * Linux's type of a breakpoint in the architecture's own terms (arch/powerpc/include/asm/hw_breakpoint.h). Bits 0-2 are
 * those of DABR, bits 3-5 those of DABRX.
 */

export const HW_BRK_TYPE_READ = 0x01;
export const HW_BRK_TYPE_WRITE = 0x02;
export const HW_BRK_TYPE_TRANSLATE = 0x04;
export const HW_BRK_TYPE_USER = 0x08;
export const HW_BRK_TYPE_KERNEL = 0x10;
export const HW_BRK_TYPE_HYP = 0x20;
