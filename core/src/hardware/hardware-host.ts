import type { CpuRun } from './trap-handler.js';

/** Who lets a whole computer execute that is none of its own: the host of a virtual machine. */
export interface HardwareHost {
  /**
   * Runs the host until the guest's CPUs have used up `budget`, or cannot execute, or were stopped: see `machine.run`.
   */
  run(budget: number): HostedRun;
}

/** What became of a guest: as of a CPU, and the instructions that its CPUs have retired. */
export type HostedRun = Omit<CpuRun, 'used'> & { readonly instructions: number; readonly cpu?: number };
