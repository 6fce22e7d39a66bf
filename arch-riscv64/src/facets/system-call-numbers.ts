import type { SystemCallNumbers } from '@hwbp/core';

/** In a7, which a call leaves alone (arch/riscv/include/asm/syscall.h). */
export const RISCV64_SYSTEM_CALL_NUMBERS: SystemCallNumbers = Object.freeze<SystemCallNumbers>({
  number: (context) => Number(BigInt.asUintN(32, context.get('a7'))),
});
