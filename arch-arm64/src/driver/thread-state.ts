import type { ImageReader, TaskStateForm } from '@hwbp/core';
import type { Pool } from './arm64-driver.js';

/** What the kernel has of a task that it steps over a hit (Linux: struct debug_info). */
export interface Arm64ThreadState {
  /** bps_disabled and wps_disabled: its registers are written without E. */
  readonly off: Record<Pool, boolean>;
  /** Its tracer was stepping it already: the end of the step is the tracer's too. */
  suspendedStep: boolean;
}

export function freshThreadState(): Arm64ThreadState {
  return { off: { execute: false, data: false }, suspendedStep: false };
}

/** As an image has it. */
export const THREAD_STATE_FORM: TaskStateForm<Arm64ThreadState> = Object.freeze({
  save: ({ off, suspendedStep }: Arm64ThreadState) => ({ execute: off.execute, data: off.data, suspendedStep }),
  restore: (from: ImageReader) => ({
    off: { execute: from.field('execute').flag(), data: from.field('data').flag() },
    suspendedStep: from.field('suspendedStep').flag(),
  }),
});
