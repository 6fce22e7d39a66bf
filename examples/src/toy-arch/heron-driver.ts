import type { ArchBreakpoint, CpuDriver, Occupant } from '@hwbp/core';
import { type HeronUnit, type Setting, TRAP } from './heron-unit.js';

/** A validated request, with what its register is set to. */
export interface HeronBreakpoint extends ArchBreakpoint {
  readonly setting: Setting;
}

/** The kernel's side of a CPU's registers: who is in each. The registers are independent, so there is nothing to hold back. */
export class HeronDriver implements CpuDriver<HeronBreakpoint> {
  readonly unit: HeronUnit;
  readonly occupants: (Occupant<HeronBreakpoint> | undefined)[] = new Array(TRAP + 1).fill(undefined);

  constructor(unit: HeronUnit) {
    this.unit = unit;
  }

  install(register: number, occupant: Occupant<HeronBreakpoint>): void {
    this.occupants[register] = occupant;
    this.unit.set(register, occupant.info.setting);
  }

  uninstall(register: number): void {
    this.unit.set(register, undefined);
    this.occupants[register] = undefined;
  }

  hold(): void {}

  release(): void {}

  get active(): boolean {
    return this.occupants.some((occupant) => occupant !== undefined);
  }

  disable(): void {
    for (let register = 0; register <= TRAP; register++) this.unit.set(register, undefined);
  }

  restore(): void {
    this.occupants.forEach((occupant, register) => {
      this.unit.set(register, occupant?.info.setting);
    });
  }
}
