import type { Logger, Machine } from '../kernel/index.js';
import type { Registers } from '../registers/index.js';
import type { BreakpointScheduler } from '../scheduling/index.js';

/** What the breakpoint API is built on. */
export interface BreakpointsParts {
  readonly machine: Machine;
  readonly registers: Registers;
  readonly scheduler: BreakpointScheduler;
  readonly logger: Logger;
  /** What concerns other CPUs travels to them by interrupts. Default false. */
  readonly byIpi?: boolean;
}
