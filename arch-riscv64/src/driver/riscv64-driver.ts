import { type DebugUnit, RegisterDriver, type UnitHolder } from '@hwbp/core';
import { CSR, type TriggerCsrs } from '../silicon/csr.js';
import type { TriggerBreakpoint } from './trigger-breakpoint.js';

/** A debug unit with trigger CSRs. */
export type Riscv64Silicon = DebugUnit & TriggerCsrs;

/** The kernel's state of one hart's triggers; they share no register. */
export type Riscv64Driver = RegisterDriver<Riscv64Silicon, TriggerBreakpoint>;

/** In the order that the specification asks for: disabled, then the data, then what it is. */
function write(unit: Riscv64Silicon, register: number, info: TriggerBreakpoint | undefined): void {
  unit.writeCsr(CSR.TSELECT, BigInt(register));
  unit.writeCsr(CSR.TDATA1, 0n);
  if (info === undefined) return;
  unit.writeCsr(CSR.TDATA2, info.tdata2);
  unit.writeCsr(CSR.TDATA3, 0n);
  unit.writeCsr(CSR.TDATA1, info.tdata1);
}

/** The driver of a CPU; refuses one whose unit has no triggers, or another number of them. */
export function riscv64Driver(holder: UnitHolder, triggers: number): Riscv64Driver {
  return new RegisterDriver(holder, {
    registers: triggers,
    drives: (unit): unit is Riscv64Silicon => (unit as Partial<Riscv64Silicon>).triggers === triggers,
    write,
  });
}
