import type { ImageReader, TaskStateForm } from '@hwbp/core';

/**
 * A task's virtual DR6, which a debugger sees instead of the hardware's: in positive polarity (a set bit means a
 * condition), as two halves because a debugger may store any 64 bits in it.
 */
export interface X86ThreadState {
  virtualDr6: number;
  virtualDr6High: number;
  /** One of its debugger's watches was hit by the exception in progress. */
  hit: boolean;
  /** Its debugger was told of the bits with a SIGTRAP: under accumulation the next hit replaces them. */
  notified: boolean;
  /** A hit in kernel mode waits for the return to user mode to be signalled; only under accumulation. */
  trapAtExit: boolean;
}

/** The state of a task that was never debugged. */
export function freshThreadState(): X86ThreadState {
  return { virtualDr6: 0, virtualDr6High: 0, hit: false, notified: false, trapAtExit: false };
}

/** As an image has it. */
export const THREAD_STATE_FORM: TaskStateForm<X86ThreadState> = Object.freeze({
  save: ({ virtualDr6, virtualDr6High, hit, notified, trapAtExit }: X86ThreadState) => ({
    virtualDr6: virtualDr6 >>> 0,
    virtualDr6High: virtualDr6High >>> 0,
    hit,
    notified,
    trapAtExit,
  }),
  restore: (from: ImageReader) => ({
    virtualDr6: from.field('virtualDr6').number(0, 0xffff_ffff),
    virtualDr6High: from.field('virtualDr6High').number(0, 0xffff_ffff),
    hit: from.field('hit').flag(),
    notified: from.field('notified').flag(),
    trapAtExit: from.field('trapAtExit').flag(),
  }),
});
