import type { Kernel, Task } from '@hwbp/core';
import { type LackeyOptions, LackeyReplay } from '@hwbp/lackey';
import { runError } from '../errors.js';

/** A task that replays a trace. */
export interface TraceTask {
  readonly task: Task;
  readonly replay: LackeyReplay;
  /** The CPU that it is bound to. */
  readonly cpu: number;
  /** Number of its trace. */
  readonly trace: number;
}

/** Which tasks there are. */
export interface TraceTasksOptions {
  /** A name for the tasks of each trace; cut to 15 characters, as Linux does. */
  readonly comms: readonly string[];
  /** Tasks that replay each trace. */
  readonly copies: number;
  readonly strict: boolean;
  /** What the program's text says of repeated instructions. */
  readonly repeats: LackeyOptions['repeats'];
}

/** Tasks of a kernel that replay traces: the k-th on CPU k mod the number of CPUs. */
export class TraceTasks {
  readonly tasks: readonly TraceTask[];
  readonly #kernel: Kernel;

  /** Spawns them; they wait for text. */
  constructor(kernel: Kernel, { comms, copies, strict, repeats }: TraceTasksOptions) {
    this.#kernel = kernel;
    const cpus = kernel.machine.cpus.length;
    this.tasks = Array.from({ length: comms.length * copies }, (_, k) => {
      const replay = new LackeyReplay(repeats === undefined ? { strict } : { strict, repeats });
      const cpu = k % cpus;
      const trace = k % comms.length;
      return {
        task: kernel.machine.spawn(() => replay, { comm: comms[trace] as string, affinity: [cpu] }),
        replay,
        cpu,
        trace,
      };
    });
  }

  /** The replay of the first task of a trace; all of them count the same lines. */
  replayOf(trace: number): LackeyReplay {
    return (this.tasks[trace] as TraceTask).replay;
  }

  /** Gives text to the tasks of a trace. It must not change before {@link run} has returned. */
  feed(trace: number, block: Uint8Array): void {
    for (const { replay, trace: own } of this.tasks) if (own === trace) replay.feed(block);
  }

  /** A trace is over: its tasks execute their last instruction and exit. */
  end(trace: number): void {
    for (const { replay, trace: own } of this.tasks) if (own === trace) replay.end();
  }

  /** Lets the tasks execute what they were given, `slice` instructions at a time, and calls `after` each time. */
  run(slice = Number.POSITIVE_INFINITY, after: () => void = () => {}): void {
    const { machine } = this.#kernel;
    for (const { task } of this.tasks) machine.wake(task);
    for (;;) {
      const { reason, message, detail } = machine.run(slice);
      after();
      if (reason === 'budget') continue;
      if (reason === 'idle' || reason === 'starved') return;
      if (detail instanceof Error) throw detail;
      throw runError(`the kernel stopped (${reason}): ${message ?? 'without a reason'}`);
    }
  }
}
