import type { DebugExit } from '@hwbp/core';
import type { GuestPoint } from './guest-points.js';

/** Why a guest stands still, and where. */
export interface GuestStop {
  /** The virtual CPU. */
  readonly cpu: number;
  /**
   * `hit`: at points of the debugger's. `breakpoint`: at a software breakpoint of its. `step`: it has executed an
   * instruction, or waits for an interrupt.
   */
  readonly cause: 'hit' | 'breakpoint' | 'step';
  /** The debugger's points that were hit. */
  readonly hits: readonly GuestPoint[];
  /** What KVM_RUN said; `undefined` at the end of a step of which the CPU did not report. */
  readonly exit: DebugExit | undefined;
}

/** Which virtual CPUs go on, and how. */
export interface GuestResume {
  /** This one executes one instruction. */
  readonly step?: number;
  /** Those that may execute; default: all. */
  readonly cpus?: readonly number[];
}

/** Who debugs a guest. */
export interface GuestDebuggerOwner {
  /** For others who want to: such as `gdb`. */
  readonly name: string;
  /** The guest has stopped: nothing of it executes until it is resumed. Called in the middle of the host's run. */
  stopped(stop: GuestStop): void;
}
