import type { SystemCallAbi } from '@hwbp/core';

const OTHERS = ['x1', 'x2', 'x3', 'x4', 'x5'];
/** What Linux's entry code returns for a call that nobody makes. */
const ENOSYS = -38n;

/**
 * That of SVC (arch/arm64/include/asm/syscall.h): the number in x8, which a call leaves alone, and arguments from x0,
 * of which pt_regs.orig_x0 keeps the first: x0 is the result's.
 */
export const ARM64_SYSTEM_CALL_ABI: SystemCallAbi = Object.freeze<SystemCallAbi>({
  number: (context) => Number(BigInt.asUintN(32, context.get('x8'))),
  args: (context) => [context.get('orig_x0'), ...OTHERS.map((name) => context.get(name))],
  begin: () => {},
  skip: (context) => context.set('x0', ENOSYS),
  setResult: (context, result) => context.set('x0', result),
  result: (context) => BigInt.asIntN(64, context.get('x0')),
  restart: (context) => context.set('x0', context.get('orig_x0')),
});
