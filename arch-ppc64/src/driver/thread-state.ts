/** What the exception code keeps of a task. */
export interface Ppc64ThreadState {
  /** A debugger's breakpoint was hit by the exception in progress: the task gets a SIGTRAP. */
  told: boolean;
}

/** The state of a task that was never debugged. */
export function freshThreadState(): Ppc64ThreadState {
  return { told: false };
}

/** Vectors as Linux stores them in `pt_regs.trap`. */
export const TRAP_VECTORS = Object.freeze({ DSI: 0x300n, PROGRAM: 0x700n, SYSTEM_CALL: 0xc00n, TRACE: 0xd00n });
