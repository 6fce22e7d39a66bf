import type { Progress } from './progress.js';

/** What a CPU has executed: the counts of its progress, as everybody reads them. */
export abstract class CpuTime {
  protected readonly progress: Progress;

  constructor(progress: Progress) {
    this.progress = progress;
  }

  /** Instructions that it has retired. */
  get instructions(): number {
    return this.progress.instructions;
  }

  /** Those of them that it has retired in user mode. */
  get userInstructions(): number {
    return this.progress.userInstructions;
  }

  /** Instructions that all CPUs of its computer have retired: the order of what happened on different clocks. */
  get retired(): number {
    return this.progress.retired;
  }

  /** Exceptions of this run of a program that were taken instead of an instruction. */
  get faults(): number {
    return this.progress.faults;
  }

  /** True while a program executes here: on the stack of calls of whoever runs the CPU. */
  get busy(): boolean {
    return this.progress.busy;
  }
}
