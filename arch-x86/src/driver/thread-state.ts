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
