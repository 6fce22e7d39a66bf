import { type ArchBreakpoint, DriverBase, type UnitHolder } from '@hwbp/core';
import { HeronUnit, type Setting, TRAP } from './heron-unit.js';

/** A validated request, with what its register is set to. */
export interface HeronBreakpoint extends ArchBreakpoint {
  readonly setting: Setting;
}

/** The kernel's side of a CPU's registers: `DriverBase` knows who is in each, and this how each is written. */
export class HeronDriver extends DriverBase<HeronBreakpoint> {
  readonly #holder: UnitHolder;

  constructor(holder: UnitHolder) {
    super(TRAP + 1);
    if (!(holder.unit instanceof HeronUnit)) throw new TypeError('the Heron driver needs a HeronUnit');
    this.#holder = holder;
  }

  /** The CPU's debug unit. Somebody may have put another one into the CPU since the driver was made. */
  get unit(): HeronUnit {
    return this.#holder.unit as HeronUnit;
  }

  protected arm(register: number, { setting }: HeronBreakpoint): void {
    this.unit.set(register, setting);
  }

  protected disarm(register: number): void {
    this.unit.set(register, undefined);
  }
}
