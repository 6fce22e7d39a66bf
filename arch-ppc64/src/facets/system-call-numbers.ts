import type { SystemCallNumbers } from '@hwbp/core';

/** In r0, which a call leaves alone (arch/powerpc/include/asm/syscall.h). */
export const PPC64_SYSTEM_CALL_NUMBERS: SystemCallNumbers = Object.freeze<SystemCallNumbers>({
  number: (context) => Number(BigInt.asUintN(32, context.get('r0'))),
});
