import { type DebugUnit, RegisterDriver, type UnitHolder } from '@hwbp/core';
import type { FakeBreakpoint } from './fake-breakpoint.js';
import { FakeDebugUnit } from './fake-debug-unit.js';

export type FakeDriver = RegisterDriver<FakeDebugUnit, FakeBreakpoint>;

/** The kernel's state of a fake's registers. */
export function fakeDriver(holder: UnitHolder, registers: number): FakeDriver {
  return new RegisterDriver(holder, {
    registers,
    drives: (unit: DebugUnit): unit is FakeDebugUnit => unit instanceof FakeDebugUnit,
    write: (unit, register, info) => unit.program(register, info),
  });
}
