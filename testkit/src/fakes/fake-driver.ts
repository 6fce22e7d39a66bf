import { DriverBase, type UnitHolder } from '@hwbp/core';
import type { FakeBreakpoint } from './fake-breakpoint.js';
import type { FakeDebugUnit } from './fake-debug-unit.js';

/** The kernel's state of a fake's registers: the occupants are the software copy. */
export class FakeDriver extends DriverBase<FakeBreakpoint> {
  readonly #holder: UnitHolder;

  constructor(holder: UnitHolder, registers: number) {
    super(registers);
    this.#holder = holder;
  }

  get unit(): FakeDebugUnit {
    return this.#holder.unit as FakeDebugUnit;
  }

  protected arm(register: number, info: FakeBreakpoint): void {
    this.unit.program(register, info);
  }

  protected disarm(register: number): void {
    this.unit.program(register, undefined);
  }
}
