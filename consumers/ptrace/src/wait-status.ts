import type { SignalInfo, SignalName, Task } from '@hwbp/core';

/** Events of a tracee that stop it if the tracer asked for them (PTRACE_O_TRACE*). */
export type PtraceEvent = 'fork' | 'clone' | 'exec';

/** What `wait` reports: what waitpid's status and PTRACE_GETSIGINFO say in Linux. */
export type WaitStatus =
  /** Stopped before a signal is delivered: the tracer decides. */
  | { readonly kind: 'signal'; readonly task: Task; readonly info: SignalInfo }
  /** Stopped at an event; `child` for fork and clone. */
  | { readonly kind: 'event'; readonly task: Task; readonly event: PtraceEvent; readonly child?: Task }
  /** Gone. */
  | { readonly kind: 'exited'; readonly task: Task; readonly code: number }
  | { readonly kind: 'killed'; readonly task: Task; readonly signal: SignalName };
