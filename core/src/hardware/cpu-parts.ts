import type { Bus } from './bus.js';
import type { Clock } from './clock.js';
import type { DebugUnit } from './debug-unit.js';
import type { Hypervisor } from './hypervisor.js';
import type { Mmu } from './memory/mmu.js';
import type { SoftwareBreakpoints } from './software-breakpoints.js';

/** What a CPU is built from. */
export interface CpuParts {
  readonly index: number;
  readonly unit: DebugUnit;
  readonly clock: Clock;
  readonly bus: Bus;
  readonly mmu: Mmu;
  readonly planted: SoftwareBreakpoints;
  /** Of a virtual CPU: who makes it execute. */
  readonly hypervisor?: Hypervisor | undefined;
  /** Counts the instructions of every CPU of the computer. */
  readonly retired: {
    /** Every CPU adds its own. @settable */
    count: number;
  };
}
