import type { HwBreakpointAttr } from '../../arch/index.js';
import type { Logger, Machine } from '../../kernel/index.js';
import type { QuirkSet } from '../../quirks/index.js';
import {
  type BreakpointChange,
  type BreakpointRequest,
  type HandlerErrors,
  type ModifyOptions,
  nameOf,
  type Registers,
  type Registration,
} from '../../registers/index.js';
import type { BreakpointScheduler } from '../scheduler.js';
import { EVENT_TYPE } from './attr.js';
import { BreakpointEvents, callHandler, eventOf } from './breakpoint-events.js';
import { Engine } from './engine.js';
import type { PmuEvent } from './event.js';
import type { EventRecord } from './event-record.js';
import { Events } from './events.js';
import { EventsImage } from './events-image.js';
import { followTasks } from './follow-tasks.js';
import type { PmuFactory } from './pmu.js';

/** What the scheduler is made from. */
export interface EventsSchedulerParts {
  readonly machine: Machine;
  readonly registers: Registers;
  readonly errors: HandlerErrors;
  readonly logger: Logger;
  readonly quirks: QuirkSet;
  readonly tick: number;
  readonly sampleRate: number;
  readonly breakpointKind: 'software' | 'hardware';
  /** Default false. */
  readonly excludeGuests?: boolean;
  readonly pmus: readonly PmuFactory[];
}

/** The registration of an event that is a breakpoint. */
function registrationOfEvent({ pmu, data }: PmuEvent): Registration | undefined {
  return pmu instanceof BreakpointEvents ? (data as Registration) : undefined;
}

/** What messages call an event. */
function nameOfEvent(event: PmuEvent, registration: Registration | undefined): string {
  return registration === undefined ? String(event) : nameOf(registration);
}

/** Every breakpoint is an event of the engine: scheduled, counted and inherited as events are. */
export class EventsScheduler implements BreakpointScheduler {
  readonly name = 'events';
  readonly events: Events;
  readonly image: EventsImage;
  readonly #engine: Engine;
  readonly #registers: Registers;
  readonly #breakpoints: BreakpointEvents;
  readonly #unfollow: Disposable;

  constructor(parts: EventsSchedulerParts) {
    const { machine, logger, quirks, tick, sampleRate, registers } = parts;
    this.#registers = registers;
    const breakpoints: PmuFactory = (host) => new BreakpointEvents(registers, parts.breakpointKind, host);
    this.#engine = new Engine({
      machine,
      logger,
      quirks,
      tick,
      sampleRate,
      pmus: [breakpoints, ...parts.pmus],
      handlerThrew: (event, error) => {
        const registration = registrationOfEvent(event);
        parts.errors.report(error, registration?.view, nameOfEvent(event, registration));
      },
      // As its owner finds it: disabled.
      lost: (event) => {
        const registration = registrationOfEvent(event);
        if (registration !== undefined) registers.setDisabled(registration, true);
        return nameOfEvent(event, registration);
      },
    });
    this.#breakpoints = this.#engine.pmus[0] as BreakpointEvents;
    this.events = new Events(this.#engine, parts);
    this.image = new EventsImage(this.#engine);
    this.#unfollow = followTasks(this.#engine, parts.excludeGuests ?? false);
  }

  /** There is nothing that it cannot do: the request is an event's, and is admitted as that is initialised. */
  open(request: BreakpointRequest): Registration {
    const event = this.#engine.create(attrOf(request.attr), this.#breakpoints, request, callHandler);
    return this.#breakpoints.admit(event, request);
  }

  activate(registration: Registration): void {
    const event = recordOf(registration);
    if (registration.state === 'waiting') this.#engine.remember(event);
    else this.#engine.install(event);
  }

  close(registration: Registration): void {
    this.#engine.close(recordOf(registration));
  }

  /** With what children inherited of it. */
  enable(registration: Registration): void {
    this.events.enable(recordOf(registration));
    this.#registers.setDisabled(registration, false);
  }

  /** Likewise. */
  disable(registration: Registration): void {
    this.events.disable(recordOf(registration));
    this.#registers.setDisabled(registration, true);
  }

  modify(registration: Registration, changes: BreakpointChange, options: ModifyOptions): void {
    this.#breakpoints.modify(recordOf(registration), changes, options);
  }

  aside(cpu: number, action: () => void): void {
    const context = this.#engine.contexts.peek(cpu);
    if (context === undefined) action();
    else context.aside(action);
  }

  [Symbol.dispose](): void {
    this.#unfollow[Symbol.dispose]();
    this.#engine[Symbol.dispose]();
  }
}

function recordOf(registration: Registration): EventRecord {
  return eventOf(registration) as EventRecord;
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
