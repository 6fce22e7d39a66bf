import type { Task } from '@hwbp/core';
import type { Tracer, WaitStatus } from '@hwbp/ptrace';

/** Registers by name. */
export type Registers = Readonly<Record<string, bigint>>;

/** How a task is run. */
export interface Run {
  readonly registers: Registers;
  /** How it goes on, from the beginning and from each stop. Default: PTRACE_CONT, without the signal. */
  readonly resume?: (tracer: Tracer, task: Task) => void;
  /** What the recorder does at each stop, before anything else. */
  readonly stopped?: (tracer: Tracer, task: Task, status: WaitStatus) => void;
  /** Reads bytes of which each stop says whether they have changed; `undefined` where some are not there. */
  readonly watch?: () => Uint8Array | undefined;
  /** Stops after which this run is given up. Default: as many as the recorder ever takes. */
  readonly mostStops?: number;
}
