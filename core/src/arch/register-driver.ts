import type { DebugUnit } from '../hardware/index.js';
import type { ArchBreakpoint, UnitHolder } from './cpu-driver.js';
import { DriverBase } from './driver-base.js';

/** How the registers of a chip are written. */
export interface RegisterWriter<Unit extends DebugUnit, Info extends ArchBreakpoint> {
  /** Registers of one CPU, data first. */
  readonly registers: number;
  /** Whether a unit has the registers that {@link write} writes. */
  readonly drives: (unit: DebugUnit) => unit is Unit;
  /** Programs one register, touching no other; `undefined` disarms it. It may be armed, or not, already. */
  readonly write: (unit: Unit, register: number, info: Info | undefined) => void;
}

/**
 * The driver of a chip on which no breakpoint shares a register with another: who is in each, and
 * {@link RegisterWriter} for how each is written. Throws a TypeError for a unit that it cannot drive.
 */
export class RegisterDriver<Unit extends DebugUnit, Info extends ArchBreakpoint> extends DriverBase<Info> {
  readonly #holder: UnitHolder;
  readonly #writer: RegisterWriter<Unit, Info>;

  constructor(holder: UnitHolder, writer: RegisterWriter<Unit, Info>) {
    super(writer.registers);
    if (!writer.drives(holder.unit)) {
      throw new TypeError(
        `the debug unit (${holder.unit.constructor.name}) has not the registers that this driver writes`,
      );
    }
    this.#holder = holder;
    this.#writer = writer;
  }

  /** The CPU's debug unit, which may be another one later. */
  get unit(): Unit {
    return this.#holder.unit as Unit;
  }

  protected arm(register: number, info: Info): void {
    this.#writer.write(this.unit, register, info);
  }

  protected disarm(register: number): void {
    this.#writer.write(this.unit, register, undefined);
  }
}
