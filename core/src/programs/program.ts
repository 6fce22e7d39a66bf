import type { Cpu } from '../hardware/cpu.js';

/**
 * `ready`: has instructions to execute. `starved`: waits for input from outside (a trace that is being read).
 * `done`: has no more; the machine takes it off its task's stack.
 */
export type ProgramState = 'ready' | 'starved' | 'done';

/** Something that a task executes. The loop over instructions is the program's own, so that a trace replay can batch. */
export interface Program {
  readonly state: ProgramState;
  /**
   * Executes up to `budget` (1 or more) instructions on `cpu` and returns how many retired. Must return as soon as
   * `cpu.attention` is set, and when {@link state} is no longer `ready`.
   */
  run(cpu: Cpu, budget: number): number;
}
