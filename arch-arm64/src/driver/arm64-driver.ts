import { DriverBase, highHalf, lowHalf, type UnitHolder, watchesExecution } from '@hwbp/core';
import type { Arm64Silicon } from '../silicon/arm64-silicon.js';
import { BAS_MASK, controlWord, MDSCR_KDE, MDSCR_MDE, PRIVILEGE_EL0, PRIVILEGE_EL1 } from '../silicon/control.js';
import type { Arm64Breakpoint } from './arm64-breakpoint.js';

/** The two classes of registers. */
export type Pool = 'execute' | 'data';

/** How many of each a kernel was built for. */
export interface DriverFacts {
  readonly brps: number;
  readonly wrps: number;
}

/**
 * Linux's software state of one CPU's registers: watchpoints first, then breakpoints. No breakpoint shares a register
 * with another; what they share is MDSCR_EL1, which is on while anybody is installed.
 */
export class Arm64Driver extends DriverBase<Arm64Breakpoint> {
  readonly #holder: UnitHolder;
  readonly #wrps: number;
  /** Whose registers are written without E: the task that is on the CPU is being stepped over something. */
  readonly #off: Record<Pool, boolean> = { execute: false, data: false };

  /** Throws a TypeError for a unit without these registers. */
  constructor(holder: UnitHolder, { brps, wrps }: DriverFacts) {
    super(wrps + brps);
    const unit = holder.unit as Partial<Arm64Silicon>;
    if (unit.brps !== brps || unit.wrps !== wrps) {
      const has = unit.brps === undefined ? 'none' : `${unit.brps} and ${unit.wrps}`;
      const name = holder.unit.constructor.name;
      throw new TypeError(
        `arm64: ${brps} breakpoints and ${wrps} watchpoints are wanted, the unit (${name}) has ${has}`,
      );
    }
    this.#holder = holder;
    this.#wrps = wrps;
  }

  /** The CPU's debug unit, which may be another one later. */
  get unit(): Arm64Silicon {
    return this.#holder.unit as Arm64Silicon;
  }

  /** Whether the registers of a pool are kept without E for the task that is here. */
  isOff(pool: Pool): boolean {
    return this.#off[pool];
  }

  /**
   * Clears E of a pool's EL0 registers that are in use, or sets it again, and has what is installed from now on written
   * the same way (Linux: toggle_bp_registers, and debug_info.bps_disabled).
   */
  setOff(pool: Pool, off: boolean): void {
    if (this.#off[pool] === off) return;
    this.#off[pool] = off;
    if (this.muted) return;
    for (const [register, occupant] of this.occupants.entries()) {
      const toggles = occupant !== undefined && (occupant.info.privilege & PRIVILEGE_EL0) !== 0;
      if (toggles && poolOf(occupant.info) === pool) this.#write(register, occupant.info, !off);
    }
  }

  protected arm(register: number, info: Arm64Breakpoint): void {
    const { unit } = this;
    if (unit.osLock) unit.osLock = false;
    const wanted = MDSCR_MDE | ((info.privilege & PRIVILEGE_EL1) !== 0 ? MDSCR_KDE : 0);
    if ((unit.mdscr & wanted) !== wanted) unit.mdscr |= wanted;
    this.#write(register, info, !this.#off[poolOf(info)]);
  }

  protected disarm(register: number): void {
    const { unit } = this;
    if (register < this.#wrps) unit.setWatchpoint(register, 0, 0, 0);
    else unit.setBreakpoint(register - this.#wrps, 0, 0, 0);
    let wanted = 0;
    for (const [other, occupant] of this.occupants.entries()) {
      if (other === register || occupant === undefined) continue;
      wanted |= MDSCR_MDE | ((occupant.info.privilege & PRIVILEGE_EL1) !== 0 ? MDSCR_KDE : 0);
    }
    const { mdscr } = unit;
    const next = (mdscr & ~(MDSCR_MDE | MDSCR_KDE)) | wanted;
    if (next !== mdscr) unit.mdscr = next;
  }

  #write(register: number, { base, bas, type, privilege }: Arm64Breakpoint, enabled: boolean): void {
    const control = controlWord({ enabled, privilege, type, bas: bas & BAS_MASK });
    const [hi, lo] = [highHalf(base), lowHalf(base)];
    if (register < this.#wrps) this.unit.setWatchpoint(register, hi, lo, control);
    else this.unit.setBreakpoint(register - this.#wrps, hi, lo, control);
  }
}

/** The class of registers that a breakpoint is in. */
export function poolOf(info: Arm64Breakpoint): Pool {
  return watchesExecution(info) ? 'execute' : 'data';
}
