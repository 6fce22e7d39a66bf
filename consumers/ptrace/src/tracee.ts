import type { Task } from '@hwbp/core';
import type { TraceOptions } from './options.js';
import type { WaitStatus } from './wait-status.js';

/** What a tracer knows of one tracee. */
export class Tracee {
  readonly task: Task;
  options: TraceOptions;
  /** The stop that it is in; `undefined` while it runs. */
  stop: WaitStatus | undefined;
  /** The debugger single-steps it, and the program itself does not. */
  stepping = false;
  /** Its hooks. */
  readonly followed: Disposable;

  constructor(task: Task, options: TraceOptions, followed: Disposable) {
    this.task = task;
    this.options = options;
    this.followed = followed;
  }
}
