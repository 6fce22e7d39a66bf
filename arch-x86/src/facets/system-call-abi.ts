import type { Context, SystemCallAbi } from '@hwbp/core';
import { callRegisters } from '../driver/call-registers.js';

/** Where the arguments are: of SYSCALL (System V ABI, A.2.1), and of INT 80h. */
const ARGUMENTS = Object.freeze({
  64: ['rdi', 'rsi', 'rdx', 'r10', 'r8', 'r9'],
  32: ['ebx', 'ecx', 'edx', 'esi', 'edi', 'ebp'],
});
/** Linux's entry code: the result of a call that nobody makes. */
const ENOSYS = -38n;

/** Linux's use of registers (arch/x86/include/asm/syscall.h): the number is in pt_regs.orig_ax, the result in ax. */
export function x86SystemCallAbi(bits: 64 | 32): SystemCallAbi {
  const { number: result, original } = callRegisters(bits);
  const cut = (context: Context, name: string): bigint => BigInt.asUintN(bits, context.get(name));
  return {
    number: (context) => Number(BigInt.asUintN(32, context.get(original))),
    args: (context) => ARGUMENTS[bits].map((name) => cut(context, name)),
    begin: (context) => context.set(result, BigInt.asUintN(bits, ENOSYS)),
    // It returns what a tracer has put there, or else what it was begun with.
    skip: () => {},
    setResult: (context, value) => context.set(result, BigInt.asUintN(bits, value)),
    result: (context) => BigInt.asIntN(bits, context.get(result)),
    restart: (context) => context.set(result, cut(context, original)),
  };
}
