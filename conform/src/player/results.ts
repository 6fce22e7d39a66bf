import { ERRNO, KernelError } from '@hwbp/core';
import type { Value } from '../format/script.js';

/** Results of a step, added to its arguments. */
export type Results = { [key: string]: Value };

/** A refused request as transcripts show it: -1 and the errno. */
export function attempt(action: () => Results | undefined): Results {
  try {
    return { ret: 0, ...action() };
  } catch (error) {
    if (error instanceof KernelError) return { ret: -1, errno: error.errno };
    throw error;
  }
}

const ERRNO_NAMES: ReadonlyMap<bigint, string> = new Map(
  Object.entries(ERRNO).map(([name, number]) => [BigInt(-number), name]),
);

/** What a system call returned, as transcripts show it. */
export function systemCallResult(result: bigint): Results {
  return result < 0n && result > -4096n
    ? { ret: -1, errno: ERRNO_NAMES.get(result) ?? String(-result) }
    : { ret: Number(result) };
}
