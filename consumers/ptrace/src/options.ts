/** What a tracer asks for besides signals: PTRACE_O_*. All default to false. */
export interface TraceOptions {
  /** Stop when the tracee forks; its child is traced from birth (PTRACE_O_TRACEFORK). */
  readonly traceFork?: boolean;
  /** Stop when the tracee makes a thread; the thread is traced from birth (PTRACE_O_TRACECLONE). */
  readonly traceClone?: boolean;
  /** Report exec as an event and not as a SIGTRAP (PTRACE_O_TRACEEXEC). */
  readonly traceExec?: boolean;
  /** Stop when the tracee is about to end, while it can still be looked at (PTRACE_O_TRACEEXIT). */
  readonly traceExit?: boolean;
  /** The signal information of a stop at a system call is that of SIGTRAP | 0x80 (PTRACE_O_TRACESYSGOOD). */
  readonly traceSysGood?: boolean;
  /** Kill the tracees when the tracer goes (PTRACE_O_EXITKILL). */
  readonly exitKill?: boolean;
}
