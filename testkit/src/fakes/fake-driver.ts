import type { CpuDriver, Occupant } from '@hwbp/core';
import type { FakeBreakpoint } from './fake-breakpoint.js';
import type { FakeDebugUnit } from './fake-debug-unit.js';

/** The kernel's state of a fake's registers: the occupants are the software copy. */
export class FakeDriver implements CpuDriver<FakeBreakpoint> {
  readonly unit: FakeDebugUnit;
  readonly occupants: (Occupant<FakeBreakpoint> | undefined)[];

  constructor(unit: FakeDebugUnit, registers: number) {
    this.unit = unit;
    this.occupants = new Array(registers).fill(undefined);
  }

  install(register: number, occupant: Occupant<FakeBreakpoint>): void {
    this.occupants[register] = occupant;
    this.unit.program(register, occupant.info);
  }

  uninstall(register: number): void {
    this.unit.program(register, undefined);
    this.occupants[register] = undefined;
  }

  hold(): void {}

  release(): void {}

  get active(): boolean {
    return this.occupants.some((occupant) => occupant !== undefined);
  }

  disable(): void {
    for (let register = 0; register < this.occupants.length; register++) this.unit.program(register, undefined);
  }

  restore(): void {
    this.occupants.forEach((occupant, register) => {
      this.unit.program(register, occupant?.info);
    });
  }
}
