/** What a tracer asks for besides signals: PTRACE_O_*. All default to false. */
export interface TraceOptions {
  /** Stop when the tracee forks; its child is traced from birth (PTRACE_O_TRACEFORK). */
  readonly traceFork?: boolean;
  /** Stop when the tracee makes a thread; the thread is traced from birth (PTRACE_O_TRACECLONE). */
  readonly traceClone?: boolean;
  /** Report exec as an event and not as a SIGTRAP (PTRACE_O_TRACEEXEC). */
  readonly traceExec?: boolean;
  /** Kill the tracees when the tracer goes (PTRACE_O_EXITKILL). */
  readonly exitKill?: boolean;
}
