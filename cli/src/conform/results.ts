import { KernelError } from '@hwbp/core';
import type { Value } from './transcript.js';

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

const ERRNO_NAMES: Readonly<Record<string, string>> = {
  '-14': 'EFAULT',
  '-28': 'ENOSPC',
  '-38': 'ENOSYS',
  '-22': 'EINVAL',
};

/** What a system call returned, as transcripts show it. */
export function systemCallResult(result: bigint): Results {
  return result < 0n && result > -4096n
    ? { ret: -1, errno: ERRNO_NAMES[String(result)] ?? String(-result) }
    : { ret: Number(result) };
}
