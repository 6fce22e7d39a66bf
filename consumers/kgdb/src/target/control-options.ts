import type { ResumePlan } from '../rsp/target-port.js';
import type { Resumed } from './resumed.js';

/** What the control of a kernel asks others. */
export interface ControlOptions {
  readonly bias?: bigint;
  notice(text: string): void;
  /** Called before the world goes on. */
  leaving(): void;
  /** True for an address at which the debugger has a breakpoint for a thread. */
  isPoint(address: bigint, thread: number): boolean;
  /** True if a thread at a software breakpoint of the debugger's is to stop there. */
  stops(address: bigint, thread: number): boolean;
  /** Refuses a plan before anything goes on. */
  check(plan: ResumePlan): void;
  /** What a plan orders beside execution. */
  prepare(plan: ResumePlan, resumed: Resumed | undefined): void;
  /** The process of a thread. */
  processOf(thread: number): number;
}
