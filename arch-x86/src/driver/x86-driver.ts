import type { CpuDriver, DebugUnit, Occupant } from '@hwbp/core';
import { DR6_RESET } from '../silicon/dr6.js';
import { DR7_GE, DR7_GLOBAL_ENABLES, registerBits, registerMask } from '../silicon/dr7.js';
import { X86_DEBUG_REGISTERS, type X86Silicon } from '../silicon/x86-silicon.js';
import type { X86Breakpoint } from './x86-breakpoint.js';

/**
 * Linux's software state of one CPU's debug registers: shadows of DR0-DR3 and DR7, and who occupies each register.
 *
 * The shadow of DR7 must never say less than the hardware: an exception between two writes believes it. So arming writes the
 * shadow first, disarming writes the hardware first.
 */
export class X86Driver implements CpuDriver<X86Breakpoint> {
  readonly unit: X86Silicon;
  readonly #occupants: (Occupant<X86Breakpoint> | undefined)[] = new Array(X86_DEBUG_REGISTERS).fill(undefined);
  /** As int32, see {@link shadowDr7}. */
  #shadow = 0;
  #held = false;
  constructor(unit: X86Silicon) {
    this.unit = unit;
  }

  get occupants(): readonly (Occupant<X86Breakpoint> | undefined)[] {
    return this.#occupants;
  }

  /** What the kernel believes is in DR7. */
  get shadowDr7(): number {
    return this.#shadow >>> 0;
  }

  install(register: number, occupant: Occupant<X86Breakpoint>): void {
    const { info } = occupant;
    this.#occupants[register] = occupant;
    this.#shadow = this.#shadow | registerBits(register, info.len, info.type) | DR7_GE;
    this.unit.setAddress(register, info.hi, info.lo);
    if (info.mask !== 0) this.unit.setAddressMask(register, info.mask);
    if (!this.#held) this.unit.setControl(this.#shadow);
  }

  uninstall(register: number): void {
    const occupant = this.#occupants[register];
    if (occupant === undefined) return;
    this.#occupants[register] = undefined;
    let control = this.#shadow & ~registerMask(register);
    // GE belongs to all of them: it stays as long as any is armed.
    if ((control & DR7_GLOBAL_ENABLES) === 0) control = 0;
    if (!this.#held) this.unit.setControl(control);
    this.#shadow = control;
    if (occupant.info.mask !== 0) this.unit.setAddressMask(register, 0);
  }

  hold(): void {
    this.#held = true;
  }

  /** One write of DR7: a register that went from one breakpoint to another of its kind was armed all the time. */
  release(): void {
    this.#held = false;
    this.unit.setControl(this.#shadow);
  }

  get active(): boolean {
    return (this.#shadow & DR7_GLOBAL_ENABLES) !== 0;
  }

  disable(): void {
    this.unit.setControl(0);
    for (let register = 0; register < X86_DEBUG_REGISTERS; register++) this.unit.setAddress(register, 0, 0);
  }

  restore(): void {
    for (let register = 0; register < X86_DEBUG_REGISTERS; register++) {
      const info = this.#occupants[register]?.info;
      this.unit.setAddress(register, info?.hi ?? 0, info?.lo ?? 0);
      this.unit.setAddressMask(register, info?.mask ?? 0);
    }
    this.unit.setStatus(DR6_RESET);
    this.unit.setControl(this.#shadow);
  }

  /** Kernel entry: nothing fires while the exception is handled. */
  quiesce(): void {
    this.unit.setControl(0);
  }

  /** Kernel exit: what handlers installed and removed meanwhile counts, so the shadow is written, never what was saved. */
  resume(): void {
    this.unit.setControl(this.#shadow);
  }
}

/** The driver of a unit; refuses one that is no x86 debug unit. */
export function createX86Driver(unit: DebugUnit): X86Driver {
  if (typeof (unit as Partial<X86Silicon>).setControl !== 'function') {
    throw new TypeError('the x86 driver needs an x86 debug unit: one with setAddress, setControl and setStatus');
  }
  return new X86Driver(unit as X86Silicon);
}
