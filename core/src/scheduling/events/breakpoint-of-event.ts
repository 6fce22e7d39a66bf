import { type Breakpoint, type Registration, registrationOf } from '../../registers/index.js';
import { BreakpointEvents, eventOf as eventOfRegistration } from './breakpoint-events.js';
import type { PmuEvent } from './event.js';

/** The breakpoint of an event; `undefined` for events of other PMUs. */
export function breakpointOf(event: PmuEvent): Breakpoint | undefined {
  return event.pmu instanceof BreakpointEvents ? (event.data as Registration).view : undefined;
}

/** The event of a breakpoint of a kernel that was composed with the events engine. */
export function eventOf(breakpoint: Breakpoint): PmuEvent | undefined {
  return eventOfRegistration(registrationOf(breakpoint));
}
