import type { Kernel } from '@hwbp/core';

/**
 * Instructions of the next piece of a run, of those that are left. A run without a budget ends with its last task,
 * whatever timers there are: a kernel knows that of a run which is not cut.
 */
export function sliceOf({ machine }: Kernel, slice: number, left: number): number {
  return left === Number.POSITIVE_INFINITY && machine.tasks.size === 0 ? left : Math.min(slice, Math.max(left, 0));
}
