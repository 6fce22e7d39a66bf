import { DriverBase, type Occupant, type QuirkSet, type UnitHolder } from '@hwbp/core';
import { DABR_TAKES_ADDRESS_BITS } from '../quirks.js';
import { DABR } from '../silicon/dabr.js';
import type { Ppc64Silicon } from '../silicon/ppc64-silicon.js';
import type { WatchLayout, WatchValue } from '../silicon/watch-layout.js';
import type { Ppc64Breakpoint } from './ppc64-breakpoint.js';

/**
 * Linux's software state of one CPU's watch registers: who occupies each. Each has registers of its own, so none
 * disturbs another.
 */
export class Ppc64Driver extends DriverBase<Ppc64Breakpoint> {
  readonly #holder: UnitHolder;
  readonly #takesAddressBits: boolean;
  /** Registers that were dropped: not written again before something is installed in them. */
  readonly #dropped = new Set<number>();

  constructor(holder: UnitHolder, quirks?: QuirkSet) {
    super((holder.unit as Ppc64Silicon).layouts.length);
    this.#holder = holder;
    this.#takesAddressBits = quirks?.isOn(DABR_TAKES_ADDRESS_BITS) === true;
  }

  /** The CPU's debug unit, which may be another one later. */
  get unit(): Ppc64Silicon {
    return this.#holder.unit as Ppc64Silicon;
  }

  /**
   * Disarms a register until something is installed in it; its occupant stays. What some kernels do after certain hits.
   */
  drop(register: number): void {
    this.#dropped.add(register);
    this.disarm(register);
  }

  override install(register: number, occupant: Occupant<Ppc64Breakpoint>): void {
    this.#dropped.delete(register);
    super.install(register, occupant);
  }

  protected arm(register: number, info: Ppc64Breakpoint): void {
    const layout = this.unit.layouts[register];
    if (layout === undefined || this.#dropped.has(register)) return;
    const { hi, lo, control } = this.#encode(layout, info);
    this.unit.setWatch(register, hi, lo, control);
  }

  protected disarm(register: number): void {
    this.unit.setWatch(register, 0, 0, 0);
  }

  #encode(layout: WatchLayout, info: Ppc64Breakpoint): WatchValue {
    const value = layout.encode(info);
    return this.#takesAddressBits && layout === DABR ? { ...value, lo: value.lo | info.lo } : value;
  }
}

/** The driver of a CPU; refuses one whose unit is no ppc64 debug unit. */
export function createPpc64Driver(holder: UnitHolder, quirks?: QuirkSet): Ppc64Driver {
  if (typeof (holder.unit as Partial<Ppc64Silicon>).setWatch !== 'function') {
    throw new TypeError('the ppc64 driver needs a ppc64 debug unit: one with setWatch, dar and dsisr');
  }
  return new Ppc64Driver(holder, quirks);
}
