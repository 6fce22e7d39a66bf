import type { ImageReader, ImageValue } from '../image/index.js';
import type { BreakpointChange, BreakpointRequest, ModifyOptions, Registration } from '../registers/index.js';

/** A schedule as data. */
export interface SchedulerImage {
  /** A kernel that was just composed is about to go on from an image: the last moment at which its CPUs have power. */
  begin?(): void;
  /** Every breakpoint that it keeps, in an order that says who comes before whom. Throws EBUSY if it cannot be told. */
  order(): readonly Registration[];
  /** What it knows beside that, such as times. `numberOf`: how the image refers to a breakpoint. */
  save(numberOf: (registration: Registration) => number): ImageValue;
  /** Each comes before whom it came before. `from`: what {@link save} has written. */
  reorder(order: readonly Registration[], from: ImageReader): void;
  /** The way back from {@link save}, once all are there, in their registers, and the machine is suspended. */
  restore(from: ImageReader, registrationOf: (number: ImageReader) => Registration): void;
}

/**
 * Decides when a breakpoint that has a slot is in a register: the direct scheduler, or the events engine.
 *
 * For scheduler authors: you call down to `Registers`, which judges requests and keeps the state of breakpoints; nobody
 * below calls you back but through the `Keeper` that you name when you let a request be admitted. After `activate`,
 * `enable` and `modify` a breakpoint must be `active` if its task is on a CPU that it allows, or its CPU is online, and
 * your rules let it; after `close` and `disable` it must be in no register. A method that throws must leave the
 * breakpoint as it was.
 */
export interface BreakpointScheduler {
  readonly name: string;
  /**
   * Has a request admitted (`Registers.admit`): it has a slot and is in no register. Refuses attributes that this
   * scheduler cannot honour with EOPNOTSUPP, naming what to compose instead.
   */
  open(request: BreakpointRequest): Registration;
  /** From now on it is in a register when it may be. If this throws, it is closed. */
  activate(registration: Registration): void;
  /** Takes it out for good and releases it. Also one that was never activated. */
  close(registration: Registration): void;
  /** From disabled, or from a failure that took it out, to where it may be in a register. */
  enable(registration: Registration): void;
  /** It keeps its slot. */
  disable(registration: Registration): void;
  /** Changes what it watches: see `Registers.modify`. */
  modify(registration: Registration, changes: BreakpointChange, options: ModifyOptions): void;
  /** Does something to a CPU's registers while the breakpoints that may be elsewhere at any time are out of the way. */
  aside(cpu: number, action: () => void): void;
  /** How its schedule is written into an image; without it no image can be made. */
  readonly image?: SchedulerImage;
  /** Closes every breakpoint and forgets every hook. */
  [Symbol.dispose](): void;
}
