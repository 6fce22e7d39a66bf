import type { Task, Work } from '@hwbp/core';
import type { TraceOptions } from './options.js';
import type { WaitStatus } from './wait-status.js';

/** How a tracee was let go on. */
export type Resumption = 'cont' | 'step' | 'syscall' | 'sysemu' | 'sysemu-step';

/** How somebody became a tracee: SEIZE has stops of its own. */
export type Adoption = 'seized' | 'attached';

/** What a tracer knows of one tracee. */
export class Tracee {
  readonly task: Task;
  readonly adoption: Adoption;
  options: TraceOptions;
  /** The stop that it is in; `undefined` while it runs, or is listened to. */
  stop: WaitStatus | undefined;
  /** The debugger single-steps it, and the program itself does not. */
  stepping = false;
  /** How it was let go on. */
  resumption: Resumption = 'cont';
  /** It stays stopped with its process, and the debugger waits for that to end (PTRACE_LISTEN). */
  listening = false;
  /** It is to stop as soon as it goes on: PTRACE_INTERRUPT, or the end of a stop of its process. */
  trapped = false;
  /** It has executed another program in the system call that it is in. */
  execed = false;
  /** What is left to do before it next executes in user mode. */
  work: Work | undefined;
  /** Its hooks. */
  readonly followed: Disposable;

  constructor(task: Task, adoption: Adoption, options: TraceOptions, followed: Disposable) {
    this.task = task;
    this.adoption = adoption;
    this.options = options;
    this.followed = followed;
  }
}
