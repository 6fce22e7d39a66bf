import type { Cpu } from './cpu.js';
import type { Trap } from './trap.js';

/**
 * What became of a CPU that its owner was let run on. `budget`: it is used up, or the CPU is wanted back. `idle`,
 * `starved`, `held`: nothing can execute there, see `machine.run`. `stopped`, `suspended`: somebody ended the run.
 */
export interface CpuRun {
  readonly reason: 'budget' | 'idle' | 'starved' | 'held' | 'stopped' | 'suspended';
  /** What `stop` or the suspension said. */
  readonly message?: string;
  readonly detail?: unknown;
  /** A debugger of the owner's keeps the CPU from executing: the end of the run is nobody else's business. */
  readonly held?: boolean;
  /** Of the budget: instructions that retired, and exceptions that were taken instead of one. */
  readonly used: number;
  /** Exceptions that were taken instead of an instruction. Default 0. */
  readonly faults?: number;
}

/**
 * Who owns a CPU: a kernel, or a hypervisor for the time that its guest runs. Everything that a CPU cannot finish by
 * itself comes here, in the middle of `cpu.execute` or of a program's own loop; the CPU's registers are those of the
 * moment.
 */
export interface TrapHandler {
  trap(cpu: Cpu, trap: Trap): void;
  /**
   * Somebody else takes the CPU for good: its debug registers are not this owner's any more. Returns how to take that
   * back, if the other one comes to nothing.
   */
  giveUp?(cpu: Cpu): () => void;
  /**
   * Lets the owner execute on this CPU alone: up to `budget` (1 or more) of what {@link CpuRun.used} counts, and no
   * further once `cpu.present` is false. A hypervisor asks; without it a guest of this owner cannot run.
   */
  run?(cpu: Cpu, budget: number): CpuRun;
  /** False while the owner would not take an interrupt (x86: IF is 0). Without it: always, between two instructions. */
  takesInterrupts?(cpu: Cpu): boolean;
}

/** A CPU without an owner: what happens on it concerns nobody. */
export const NOBODY: TrapHandler = Object.freeze({ trap() {} });
