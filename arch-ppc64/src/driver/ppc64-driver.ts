import type { CpuDriver, DebugUnit, Occupant, QuirkSet } from '@hwbp/core';
import { DABR_TAKES_ADDRESS_BITS } from '../quirks.js';
import { DABR } from '../silicon/dabr.js';
import type { Ppc64Silicon } from '../silicon/ppc64-silicon.js';
import type { WatchLayout, WatchValue } from '../silicon/watch-layout.js';
import type { Ppc64Breakpoint } from './ppc64-breakpoint.js';

/** Linux's software state of one CPU's watch registers: who occupies each. Each has registers of its own, so none disturbs another. */
export class Ppc64Driver implements CpuDriver<Ppc64Breakpoint> {
  readonly unit: Ppc64Silicon;
  readonly #occupants: (Occupant<Ppc64Breakpoint> | undefined)[];
  readonly #takesAddressBits: boolean;

  constructor(unit: Ppc64Silicon, quirks?: QuirkSet) {
    this.unit = unit;
    this.#occupants = new Array(unit.layouts.length).fill(undefined);
    this.#takesAddressBits = quirks?.isOn(DABR_TAKES_ADDRESS_BITS) === true;
  }

  get occupants(): readonly (Occupant<Ppc64Breakpoint> | undefined)[] {
    return this.#occupants;
  }

  install(register: number, occupant: Occupant<Ppc64Breakpoint>): void {
    this.#occupants[register] = occupant;
    this.arm(register);
  }

  uninstall(register: number): void {
    this.disarm(register);
    this.#occupants[register] = undefined;
  }

  hold(): void {}

  release(): void {}

  get active(): boolean {
    return this.#occupants.some((occupant) => occupant !== undefined);
  }

  disable(): void {
    for (let register = 0; register < this.#occupants.length; register++) this.disarm(register);
  }

  restore(): void {
    for (let register = 0; register < this.#occupants.length; register++) this.arm(register);
  }

  /** Programs a register for its occupant. */
  arm(register: number): void {
    const layout = this.unit.layouts[register];
    const info = this.#occupants[register]?.info;
    if (info === undefined || layout === undefined) this.disarm(register);
    else this.#write(register, this.#encode(layout, info));
  }

  /** Disarms a register; its occupant stays. */
  disarm(register: number): void {
    this.unit.setWatch(register, 0, 0, 0);
  }

  #encode(layout: WatchLayout, info: Ppc64Breakpoint): WatchValue {
    const value = layout.encode(info);
    return this.#takesAddressBits && layout === DABR ? { ...value, lo: value.lo | info.lo } : value;
  }

  #write(register: number, { hi, lo, control }: WatchValue): void {
    this.unit.setWatch(register, hi, lo, control);
  }
}

/** The driver of a unit; refuses one that is no ppc64 debug unit. */
export function createPpc64Driver(unit: DebugUnit, quirks?: QuirkSet): Ppc64Driver {
  if (typeof (unit as Partial<Ppc64Silicon>).setWatch !== 'function') {
    throw new TypeError('the ppc64 driver needs a ppc64 debug unit: one with setWatch, dar and dsisr');
  }
  return new Ppc64Driver(unit as Ppc64Silicon, quirks);
}
