import type { SystemCallAbi } from '@hwbp/core';

const OTHERS = ['a1', 'a2', 'a3', 'a4', 'a5'];
/** What Linux's entry code puts into a0 (do_trap_ecall_u). */
const ENOSYS = -38n;

/**
 * That of ecall (arch/riscv/include/asm/syscall.h): the number in a7, which a call leaves alone, and arguments from a0,
 * of which pt_regs.orig_a0 keeps the first: a0 is the result's.
 */
export const RISCV64_SYSTEM_CALL_ABI: SystemCallAbi = Object.freeze<SystemCallAbi>({
  number: (context) => Number(BigInt.asUintN(32, context.get('a7'))),
  args: (context) => [context.get('orig_a0'), ...OTHERS.map((name) => context.get(name))],
  begin: (context) => context.set('a0', ENOSYS),
  // It returns what a tracer has put there, or else what it was begun with.
  skip: () => {},
  setResult: (context, result) => context.set('a0', result),
  result: (context) => BigInt.asIntN(64, context.get('a0')),
  restart: (context) => context.set('a0', context.get('orig_a0')),
});
