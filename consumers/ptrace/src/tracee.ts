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
  /** Takes hooks away. */
  readonly release: () => void;

  constructor(task: Task, options: TraceOptions, release: () => void) {
    this.task = task;
    this.options = options;
    this.release = release;
  }
}
