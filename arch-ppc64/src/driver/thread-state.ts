import type { ImageReader, TaskStateForm } from '@hwbp/core';

/** What the exception code keeps of a task. */
export interface Ppc64ThreadState {
  /** A debugger's breakpoint was hit by the exception in progress: the task gets a SIGTRAP. */
  told: boolean;
}

/** The state of a task that was never debugged. */
export function freshThreadState(): Ppc64ThreadState {
  return { told: false };
}

/** As an image has it. */
export const THREAD_STATE_FORM: TaskStateForm<Ppc64ThreadState> = Object.freeze({
  save: ({ told }: Ppc64ThreadState) => ({ told }),
  restore: (from: ImageReader) => ({ told: from.field('told').flag() }),
});

/** Vectors as Linux stores them in `pt_regs.trap`. */
export const TRAP_VECTORS = Object.freeze({ DSI: 0x300n, PROGRAM: 0x700n, SYSTEM_CALL: 0xc00n, TRACE: 0xd00n });
