import type { HwBreakpointAttr } from '../arch/index.js';
import type { Logger, Machine } from '../kernel/index.js';
import type { Quirk, QuirkSet } from '../quirks/index.js';
import type { Breakpoint, BreakpointInit } from './breakpoint.js';
import type { BreakpointPmu } from './breakpoint-pmu.js';

/** A breakpoint that is asked for: by a registration, or by a scheduler for an event that was opened or a child that inherits. */
export interface BreakpointRequest extends BreakpointInit {
  /** Called once the slot is reserved and the request is valid; may still refuse, by throwing. */
  readonly confirm?: () => void;
}

/** Fields that a modification may change. */
export type BreakpointChange = Partial<Pick<HwBreakpointAttr, 'bp_type' | 'bp_addr' | 'bp_len' | 'disabled'>>;

/** How a breakpoint is modified. */
export interface ModifyOptions {
  /** False: the caller may not watch kernel addresses. Default: as it was registered. */
  readonly privileged?: boolean;
  /** The attributes as the caller gave them, where they say more than what changes: these are validated. */
  readonly asked?: HwBreakpointAttr;
  /** Called once the new settings are valid, before anything changes; may still refuse, by throwing. */
  readonly confirm?: () => void;
}

/** The breakpoint API as the scheduler below it may use it. */
export interface BreakpointHost {
  /** Reserves a slot and validates, as every registration does. The breakpoint is known to the API, and not scheduled. */
  create(request: BreakpointRequest): Breakpoint;
  /** Releases one and its slot; the scheduler's own `detach` is called for it. */
  release(breakpoint: Breakpoint): void;
  modify(breakpoint: Breakpoint, change: BreakpointChange, options: ModifyOptions): void;
}

/**
 * Decides when a breakpoint that has a slot is in a register: the direct scheduler, or the events engine.
 *
 * For scheduler authors: a breakpoint comes to `attach` in state `inactive` (enabled) or `off`. After `attach`, `enable` and
 * `update` it must be `active` if its task is on a CPU that it allows, or its CPU is online, and the scheduler's rules let it; after
 * `detach` and `disable` it must be in no register. A method that throws must leave the breakpoint as it was.
 */
export interface BreakpointScheduler {
  readonly name: string;
  /** What consumers can have injected of this scheduler, by token. */
  readonly services: ReadonlyMap<symbol, unknown>;
  /** The breakpoint API that was built on this scheduler; called once, before anything else. */
  connect(host: BreakpointHost): void;
  /** Refuses attributes that this scheduler cannot honour: EOPNOTSUPP, naming what to compose instead. */
  check(attr: HwBreakpointAttr): void;
  attach(breakpoint: Breakpoint): void;
  /** The slot policy took its slot away: it is in no register until it is attached again. */
  withdraw(breakpoint: Breakpoint): void;
  /** Takes it out for good; its state is then `inactive` or `off`. Also called for one that was never attached. */
  detach(breakpoint: Breakpoint): void;
  /** From `off`, or from a failure that took it out, to `inactive` or `active`. */
  enable(breakpoint: Breakpoint): void;
  /** To `off`. */
  disable(breakpoint: Breakpoint): void;
  /** Takes it out of its register, lets `change` rewrite it, and schedules it again. */
  update(breakpoint: Breakpoint, change: () => void): void;
  /** Does something to a CPU's registers while the breakpoints that may be elsewhere at any time are out of the way. */
  aside(cpu: number, action: () => void): void;
  /** Forgets every breakpoint and hook. */
  dispose(): void;
}

/** What a scheduler is made from. */
export interface SchedulerParts {
  readonly machine: Machine;
  readonly pmu: BreakpointPmu;
  readonly logger: Logger;
  readonly quirks: QuirkSet;
  /** Nanoseconds between the ticks of a CPU. */
  readonly tick: number;
}

/** Makes a scheduler for a kernel; what it declares is checked before anything is made. */
export interface SchedulerFactory {
  readonly name: string;
  /** Tokens of the `services` that the scheduler will have. */
  readonly services: readonly symbol[];
  readonly quirks: readonly Quirk[];
  create(parts: SchedulerParts): BreakpointScheduler;
}

/** A scheduler of yours that offers no services and knows no quirks. */
export function defineScheduler(name: string, create: SchedulerFactory['create']): SchedulerFactory {
  return Object.freeze({ name, services: [], quirks: [], create });
}
