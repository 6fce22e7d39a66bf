import type { HwBreakpointAttr } from '../../arch/index.js';
import { hex } from '../../hardware/index.js';
import type { Logger, Machine } from '../../kernel/index.js';
import type { QuirkSet } from '../../quirks/index.js';
import type { Breakpoint, BreakpointHost, BreakpointPmu, BreakpointScheduler } from '../../registers/index.js';
import { EVENT_TYPE } from './attr.js';
import { BreakpointEvents, breakpointOf, callHandler } from './breakpoint-events.js';
import type { PmuEvent } from './event.js';
import { Events } from './events.js';
import { followTasks } from './follow-tasks.js';
import type { PmuFactory } from './pmu.js';

/** Injects the events engine: `constructor(@inject(EVENTS) events: Events)`. */
export const EVENTS: unique symbol = Symbol('Events');

/** What the scheduler is made from. */
export interface EventsSchedulerParts {
  readonly machine: Machine;
  readonly pmu: BreakpointPmu;
  readonly logger: Logger;
  readonly quirks: QuirkSet;
  readonly tick: number;
  readonly sampleRate: number;
  readonly breakpointKind: 'software' | 'hardware';
  readonly pmus: readonly PmuFactory[];
}

/** Every breakpoint is an event of the engine: scheduled, counted and inherited as events are. */
export class EventsScheduler implements BreakpointScheduler {
  readonly name = 'events';
  readonly events: Events;
  readonly services: ReadonlyMap<symbol, unknown>;
  readonly #breakpoints: BreakpointEvents;
  readonly #unfollow: () => void;

  constructor(parts: EventsSchedulerParts) {
    const { machine, logger, quirks, tick, sampleRate } = parts;
    let breakpoints: BreakpointEvents | undefined;
    const pmus: readonly PmuFactory[] = [
      (host) => {
        breakpoints = new BreakpointEvents(parts.pmu, parts.breakpointKind, host);
        return breakpoints;
      },
      ...parts.pmus,
    ];
    const handlerThrew = (event: PmuEvent, error: unknown): void => {
      const breakpoint = breakpointOf(event);
      const name =
        breakpoint === undefined ? String(event) : `${breakpoint.owner}'s breakpoint at ${hex(breakpoint.address)}`;
      parts.pmu.handlerThrew(error, breakpoint, name);
    };
    // As its owner finds it: disabled.
    const lost = (event: PmuEvent): void => {
      const breakpoint = breakpointOf(event);
      if (breakpoint !== undefined) breakpoint.attr = { ...breakpoint.attr, disabled: true };
    };
    this.events = new Events({ machine, logger, quirks, tick, sampleRate, pmus, handlerThrew, lost });
    this.#breakpoints = breakpoints as unknown as BreakpointEvents;
    this.services = new Map([[EVENTS, this.events]]);
    this.#unfollow = followTasks(this.events);
  }

  connect(host: BreakpointHost): void {
    this.#breakpoints.api = host;
  }

  /** There is nothing that it cannot do. */
  check(): void {}

  attach(breakpoint: Breakpoint): void {
    let event = breakpoint.scheduled as PmuEvent | undefined;
    if (event === undefined) {
      event = this.events.create(attrOf(breakpoint.attr), this.#breakpoints, breakpoint, callHandler);
      this.#breakpoints.adopt(event, breakpoint);
    }
    this.events.install(event);
  }

  withdraw(breakpoint: Breakpoint): void {
    const event = eventOf(breakpoint);
    if (event !== undefined) this.events.withdraw(event);
  }

  detach(breakpoint: Breakpoint): void {
    const event = eventOf(breakpoint);
    if (event !== undefined) this.events.end(event);
  }

  enable(breakpoint: Breakpoint): void {
    const event = eventOf(breakpoint);
    if (event !== undefined) this.events.enable(event);
  }

  disable(breakpoint: Breakpoint): void {
    const event = eventOf(breakpoint);
    if (event !== undefined) this.events.disable(event);
  }

  /** As Linux modifies: off, changed, and on again unless the new settings say otherwise. */
  update(breakpoint: Breakpoint, change: () => void): void {
    const event = eventOf(breakpoint);
    if (event === undefined) {
      change();
      return;
    }
    this.events.pause(event, change, () => breakpoint.attr.disabled !== true);
  }

  aside(cpu: number, action: () => void): void {
    const lane = this.events.lanes.peek(cpu);
    if (lane === undefined) action();
    else lane.aside(action);
  }

  dispose(): void {
    this.#unfollow();
    this.events.dispose();
  }
}

/** The event of a breakpoint of a kernel that was composed with the events engine. */
export function eventOf(breakpoint: Breakpoint): PmuEvent | undefined {
  return breakpoint.scheduled as PmuEvent | undefined;
}

/** A breakpoint of the core API as an event: pinned and overflowing at every hit, unless it says otherwise. */
function attrOf(attr: HwBreakpointAttr) {
  return {
    type: EVENT_TYPE.BREAKPOINT,
    disabled: attr.disabled === true,
    inherit: attr.inherit === true,
    pinned: attr.pinned !== false,
    exclusive: attr.exclusive === true,
    exclude_user: attr.exclude_user === true,
    exclude_kernel: attr.exclude_kernel === true,
    exclude_hv: attr.exclude_hv === true,
    sample_period: attr.sample_period ?? 1,
  };
}
