import type { SystemCallNumbers } from '@hwbp/core';
import { callRegisters } from '../driver/call-registers.js';

/** Linux keeps the number in pt_regs (arch/x86/include/asm/syscall.h). */
export function x86SystemCallNumbers(bits: 64 | 32): SystemCallNumbers {
  const { original } = callRegisters(bits);
  return { number: (context) => Number(BigInt.asUintN(32, context.get(original))) };
}
