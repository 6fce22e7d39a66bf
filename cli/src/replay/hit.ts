import type { Hit, Task } from '@hwbp/core';
import type { Watch } from './watch.js';

/** One hit of one watch, as plain data. */
export interface ReplayHit {
  readonly watch: Watch;
  /** 1-based number of the instruction in its task's copy of the trace. */
  readonly step: number;
  readonly cpu: number;
  readonly pid: number;
  readonly comm: string;
  /** The instruction that made the access. */
  readonly pc: bigint;
  /** What the kernel saw: on x86 the next instruction, for data; the same one for execution. */
  readonly ip: bigint;
  /**
   * The program's last instruction before it, if it is not the program's own; `undefined` if it is, or nobody knows.
   */
  readonly caller: bigint | undefined;
}

/** What a handler sees, kept. */
export function replayHit(
  watch: Watch,
  step: number,
  task: Task,
  { cpu, pc, ip }: Hit,
  caller: bigint | undefined,
): ReplayHit {
  const { pid, comm } = task;
  return { watch, step, cpu: cpu.index, pid, comm, pc, ip, caller: caller === pc ? undefined : caller };
}
