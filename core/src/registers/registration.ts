import type { Occupant } from '../arch/index.js';
import { type Breakpoint, fieldsOf } from './breakpoint.js';
import type { BreakpointFields } from './breakpoint-fields.js';
import type { Hit, HitHandler } from './hit.js';
import type { PlacementNotices } from './request.js';

/**
 * A registered breakpoint as a scheduler has it, also the claim on a slot and the occupant of a register. Only
 * `Registers` changes it.
 */
export interface Registration extends BreakpointFields, Occupant {
  readonly handler: HitHandler;
  readonly notices: PlacementNotices;
  /** How many were registered before it. */
  readonly serial: number;
  /** As a claim has them: see `SlotClaim`. */
  readonly waits: boolean;
  readonly wide: object | undefined;
  /** Free for the scheduler. @settable */
  scheduled: unknown;
  /** What its owner and its handler see of it. */
  readonly view: Breakpoint;
}

/** Whoever schedules a breakpoint; declared here, implemented by schedulers. */
export interface Keeper {
  /** It was hit, in a mode that its request does not exclude: counts, and calls the handler or does not. */
  hit(registration: Registration, hit: Hit): void;
  /** The slot policy took its slot away: it must be in no register when this returns. */
  displaced(registration: Registration): void;
  /** The slot policy grants it a register (again): it may be scheduled. */
  granted(registration: Registration): void;
  /** Its hits cannot be handled: it must be disabled when this returns. */
  givenUp(registration: Registration): void;
}

/** The registration behind what its owner holds. */
export function registrationOf(breakpoint: Breakpoint): Registration {
  return fieldsOf(breakpoint) as Registration;
}
