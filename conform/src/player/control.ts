import type { SignalInfo, SignalName, Task } from '@hwbp/core';
import type { TraceOptions, Tracer, WaitStatus } from '@hwbp/ptrace';
import type { Step, Value } from '../format/script.js';
import type { Registers, Run } from './run.js';

/**
 * Why a run did not reach its end: the task is gone, it stopped for a signal that ends a run, or it stopped too often.
 */
export type RunEnd =
  | { readonly kind: 'exited' | 'stops' }
  | { readonly kind: 'killed' | 'signal'; readonly signal: SignalName };

/** A stop of a task on its way. */
export interface Stop {
  readonly tracer: Tracer;
  readonly task: Task;
  readonly info: SignalInfo;
  readonly run: Run;
  /** Says whether the bytes that the run watches differ from what they were; `undefined` where none are. */
  changed(): boolean | undefined;
}

/** How the recorder drives a task, and what it writes of its stops. */
export interface Control {
  readonly traceOptions: TraceOptions;
  /** First and last address of the program's text, which samples tell literally. */
  readonly text: readonly [first: bigint, last: bigint];
  /** Every register that the recorder sets for a run, from those that an op gives. */
  registers(given: Registers): Registers;
  /** Those with which a task makes a system call. */
  call(name: string, args: readonly bigint[], task: Task): Registers;
  /** How a step says that its task goes on. */
  going(step: Step): Omit<Run, 'registers' | 'watch'>;
  /** Those of a task that is let go: it sleeps. */
  readonly asleep?: Registers;
  /** The register that a system call leaves its result in. */
  readonly result: string;
  /** True at the trap behind the program's instructions, which hands control back. */
  isEnd(status: WaitStatus): boolean;
  /** Signals that end a run. */
  readonly fatal: readonly SignalName[];
  /** Stops after which the recorder gives up. */
  readonly mostStops: number;
  /** A stop, as its transcripts have it. */
  showStop(stop: Stop): Value;
  /** Why a run did not reach its end, as its transcripts have it. */
  showEnd(end: RunEnd): string;
}
