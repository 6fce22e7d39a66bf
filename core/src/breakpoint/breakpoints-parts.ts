import type { ArchBackend } from '../arch/index.js';
import type { Logger, Machine } from '../kernel/index.js';
import type { QuirkSet } from '../quirks/index.js';
import type { BreakpointPmu, BreakpointScheduler, SlotAccounting } from '../registers/index.js';

/** What the breakpoint API is built on. */
export interface BreakpointsParts {
  readonly machine: Machine;
  readonly backend: ArchBackend;
  readonly pmu: BreakpointPmu;
  readonly accounting: SlotAccounting;
  readonly scheduler: BreakpointScheduler;
  readonly logger: Logger;
  readonly quirks: QuirkSet;
}
