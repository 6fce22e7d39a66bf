import type { Context } from '../../hardware/index.js';

/** Results of the last page are errors, as Linux's calls return them: -4095 to -1. */
const LAST_ERROR = -4095n;

/** True for a result that is an errno with its sign turned round. */
export function isError(result: bigint): boolean {
  return result < 0n && result >= LAST_ERROR;
}

/**
 * How system calls use registers: where the number is, where the arguments are, and how a result is told from an errno.
 *
 * For consumers: `context` is that of a task inside a call, whose registers are those of the program that made it.
 *
 * For backend authors: as Linux's `asm/syscall.h` and its entry code have it. The port's `systemCallEntry` has been
 * called before: what it keeps of the caller's registers is there.
 */
export interface SystemCallAbi {
  /** The number that the registers ask for: 32 bits without a sign. Of -1 no call is made. */
  number(context: Context): number;
  /** The six arguments, 64 bits each without a sign; of narrower registers with zeroes above. */
  args(context: Context): readonly bigint[];
  /** A call has been made, and nobody has looked at its number: what the registers say until it has a result. */
  begin(context: Context): void;
  /** Its number has become -1, by a tracer: what the registers say then. */
  skip(context: Context): void;
  /** The call returns this: a value, or -4095 to -1 for an errno, in the architecture's own way. */
  setResult(context: Context, result: bigint): void;
  /** The other way: what a program finds there, with a sign, an errno as -4095 to -1. */
  result(context: Context): bigint;
  /** The same call is made again: number and arguments are where they were when it was made. */
  restart(context: Context): void;
}
