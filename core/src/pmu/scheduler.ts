import type { HwBreakpointAttr } from '../arch/index.js';
import type { Breakpoint } from './breakpoint.js';

/**
 * Decides when a breakpoint that has a slot is in a register: the direct scheduler, or the events engine.
 *
 * For scheduler authors: a breakpoint comes to `attach` in state `inactive` (enabled) or `off`. After `attach`, `enable` and
 * `update` it must be `active` if its task is on a CPU that it allows, or its CPU is online, and the scheduler's rules let it; after
 * `detach` and `disable` it must be in no register. A method that throws must leave the breakpoint as it was.
 */
export interface BreakpointScheduler {
  readonly name: string;
  /** Refuses attributes that this scheduler cannot honour: EOPNOTSUPP, naming what to compose instead. */
  check(attr: HwBreakpointAttr): void;
  attach(breakpoint: Breakpoint): void;
  /** Takes it out for good; its state is then `inactive` or `off`. */
  detach(breakpoint: Breakpoint): void;
  /** From `off` to `inactive` or `active`. */
  enable(breakpoint: Breakpoint): void;
  /** To `off`. */
  disable(breakpoint: Breakpoint): void;
  /** Takes it out of its register, lets `change` rewrite it, and schedules it again. */
  update(breakpoint: Breakpoint, change: () => void): void;
  /** Forgets every breakpoint and hook. */
  dispose(): void;
}
