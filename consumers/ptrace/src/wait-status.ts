import type { ExitStatus, SignalInfo, SignalName, Task } from '@hwbp/core';

/** Events of a tracee that stop it if the tracer asked for them (PTRACE_O_TRACE*): PTRACE_EVENT_* by number. */
export const PTRACE_EVENTS = Object.freeze({ fork: 1, clone: 3, exec: 4, exit: 6 });

export type PtraceEvent = keyof typeof PTRACE_EVENTS;

/** What `wait` reports: what waitpid's status and PTRACE_GETSIGINFO say in Linux. */
export type WaitStatus =
  /**
   * Stopped before a signal is delivered: the tracer decides. With `event` nothing is delivered: `stop`: its process
   * stops for the signal, or it is PTRACE_EVENT_STOP of a tracee that was seized, with SIGTRAP where there is no such
   * stop; `entry` and `exit`: a system call begins, or has come to its end (PTRACE_SYSCALL, PTRACE_SYSEMU).
   */
  | {
      readonly kind: 'signal';
      readonly task: Task;
      readonly info: SignalInfo;
      readonly event?: 'stop' | 'entry' | 'exit';
    }
  /** Stopped at an event; `child` for fork and clone, `exit` for exit: how it is going to end. */
  | {
      readonly kind: 'event';
      readonly task: Task;
      readonly event: PtraceEvent;
      readonly child?: Task;
      readonly exit?: ExitStatus;
    }
  /** Gone. */
  | { readonly kind: 'exited'; readonly task: Task; readonly code: number }
  | { readonly kind: 'killed'; readonly task: Task; readonly signal: SignalName };
