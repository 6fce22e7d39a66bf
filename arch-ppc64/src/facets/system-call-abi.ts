import type { Context, SystemCallAbi } from '@hwbp/core';

const ARGUMENTS = ['r3', 'r4', 'r5', 'r6', 'r7', 'r8'];
/** CR0[SO]: the result is an errno. */
const SUMMARY_OVERFLOW = 0x1000_0000n;
const LAST_ERROR = -4095n;
const ENOSYS = -38n;

function setResult(context: Context, result: bigint): void {
  const fails = result < 0n && result >= LAST_ERROR;
  const others = context.get('ccr') & ~SUMMARY_OVERFLOW;
  context.set('ccr', fails ? others | SUMMARY_OVERFLOW : others);
  context.set('r3', fails ? -result : result);
}

/**
 * That of `sc` (Linux: Documentation/arch/powerpc/syscall64-abi.rst): the number in r0, which a call leaves alone, and
 * an errno without a sign in r3, told by CR0[SO].
 */
export const PPC64_SYSTEM_CALL_ABI: SystemCallAbi = Object.freeze<SystemCallAbi>({
  number: (context) => Number(BigInt.asUintN(32, context.get('r0'))),
  args: (context) => ARGUMENTS.map((name) => context.get(name)),
  begin: () => {},
  skip: (context) => setResult(context, ENOSYS),
  setResult,
  result: (context) => {
    const value = BigInt.asIntN(64, context.get('r3'));
    return (context.get('ccr') & SUMMARY_OVERFLOW) === 0n ? value : -value;
  },
  restart: (context) => {
    context.set('r3', context.get('orig_gpr3'));
    context.set('ccr', context.get('ccr') & ~SUMMARY_OVERFLOW);
  },
});
