import type { Cpu, CpuDriver, GuestDebug, GuestDebugState, Machine, Visitor, WatchFilter } from '@hwbp/core';
import type { GuestClock, Retirement } from './guest-clock.js';

/** Who stays, and where from. */
export interface StayParts {
  /** `cpu`: the one that the guest's kernel has. */
  readonly visitor: Visitor & { readonly cpu: Cpu };
  readonly debug: GuestDebugState;
  readonly facet: GuestDebug;
  readonly clock: GuestClock;
  /** The host's. */
  readonly machine: Machine;
  driver(cpu: Cpu): CpuDriver;
  /** What the guest has in the one filter is to be in the other. */
  follow(from: WatchFilter, to: WatchFilter): void;
}

/**
 * The stay of a virtual CPU on a physical one, from an entry to the next exit: the host's registers are muted, and the
 * guest's are in their place if somebody needs them. Whatever fails on the way in or out, the host gets its registers
 * back.
 */
export class Stay {
  readonly #parts: StayParts;
  #physical: Cpu | undefined;
  #unmute: (() => void) | undefined;
  #filter: WatchFilter | undefined;

  constructor(parts: StayParts) {
    this.#parts = parts;
  }

  /** Where it is; `undefined`: nowhere. */
  get physical(): Cpu | undefined {
    return this.#physical;
  }

  /** Enters. Whatever else is there leaves first. */
  begin(physical: Cpu, retirement: Retirement | undefined): void {
    const { debug, clock, machine, visitor } = this.#parts;
    physical.vacate();
    machine.hooks.guestEntry.call(physical, visitor.cpu);
    const parked = debug.unit.filter;
    this.#physical = physical;
    this.#filter = parked;
    try {
      this.#unmute = this.#parts.driver(physical).mute();
      debug.enter(physical.unit);
      this.moved(parked, debug.unit.filter);
      clock.enter(physical.clock, retirement);
      physical.visitor = visitor;
    } catch (error) {
      this.end();
      throw error;
    }
  }

  /** Leaves; nothing happens if it has. */
  end(): void {
    const physical = this.#physical;
    if (physical === undefined) return;
    const { debug, clock, machine, facet, visitor } = this.#parts;
    const driver = this.#parts.driver(physical);
    this.#physical = undefined;
    physical.visitor = undefined;
    try {
      debug.leave();
      facet.settle(physical.unit, driver.active);
    } catch (error) {
      driver.restore();
      throw error;
    } finally {
      this.moved(this.#filter as WatchFilter, debug.unit.filter);
      clock.enter(physical.clock, undefined);
      const unmute = this.#unmute;
      this.#unmute = undefined;
      this.#giveBack(driver, unmute);
      machine.hooks.guestExit.call(physical, visitor.cpu);
    }
  }

  /** Whatever the guest has left there, and whatever failed: the host's own is written. */
  #giveBack(driver: CpuDriver, unmute: (() => void) | undefined): void {
    try {
      unmute?.();
    } catch (error) {
      driver.restore();
      throw error;
    }
  }

  /** The guest's accesses are looked up in another filter from now on: software breakpoints move there. */
  moved(from: WatchFilter, to: WatchFilter): void {
    this.#filter = to;
    if (from !== to) this.#parts.follow(from, to);
  }
}
