import { DriverBase, type Occupant, type UnitHolder } from '@hwbp/core';
import { DR7_GE, DR7_GLOBAL_ENABLES, registerBits, registerMask } from '../silicon/dr7.js';
import { X86_DEBUG_REGISTERS, type X86Silicon } from '../silicon/x86-silicon.js';
import type { X86Breakpoint } from './x86-breakpoint.js';

/**
 * Linux's software state of one CPU's debug registers: shadows of DR0-DR3 and DR7, and who occupies each register.
 *
 * The shadow of DR7 must never say less than the hardware: an exception between two writes believes it. So arming
 * writes the shadow first, disarming writes the hardware first.
 */
export class X86Driver extends DriverBase<X86Breakpoint> {
  readonly #holder: UnitHolder;
  /** As int32, see {@link shadowDr7}. */
  #shadow = 0;

  constructor(holder: UnitHolder) {
    super(X86_DEBUG_REGISTERS);
    this.#holder = holder;
  }

  /** The CPU's debug unit, which may be another one later. */
  get unit(): X86Silicon {
    return this.#holder.unit as X86Silicon;
  }

  /** What the kernel believes is in DR7. */
  get shadowDr7(): number {
    return this.#shadow >>> 0;
  }

  override get active(): boolean {
    return (this.#shadow & DR7_GLOBAL_ENABLES) !== 0;
  }

  override install(register: number, occupant: Occupant<X86Breakpoint>): void {
    const { len, type } = occupant.info;
    this.#shadow = this.#shadow | registerBits(register, len, type) | DR7_GE;
    super.install(register, occupant);
  }

  override uninstall(register: number): void {
    const control = this.#without(register);
    super.uninstall(register);
    this.#shadow = control;
  }

  protected arm(register: number, info: X86Breakpoint): void {
    this.#program(register, info);
    this.unit.setControl(this.#shadow);
  }

  protected disarm(register: number): void {
    this.unit.setControl(this.#without(register));
    this.unit.setAddressMask(register, 0);
  }

  /** One write: the addresses stay, and so does what a handler puts into the software copy meanwhile. */
  protected override silence(): void {
    this.unit.setControl(0);
  }

  /** One write of DR7, behind the addresses. */
  protected override flush(): void {
    const { unit, occupants } = this;
    for (let register = 0; register < X86_DEBUG_REGISTERS; register++) {
      const info = occupants[register]?.info;
      if (info !== undefined) unit.setAddress(register, info.hi, info.lo);
      unit.setAddressMask(register, info?.mask ?? 0);
    }
    unit.setControl(this.#shadow);
  }

  #program(register: number, { hi, lo, mask }: X86Breakpoint): void {
    this.unit.setAddress(register, hi, lo);
    this.unit.setAddressMask(register, mask);
  }

  /** DR7 without one register. GE belongs to all of them: it stays as long as any is armed. */
  #without(register: number): number {
    const control = this.#shadow & ~registerMask(register);
    return (control & DR7_GLOBAL_ENABLES) === 0 ? 0 : control;
  }
}

/** The driver of a CPU; refuses one whose unit is no x86 debug unit. */
export function createX86Driver(holder: UnitHolder): X86Driver {
  if (typeof (holder.unit as Partial<X86Silicon>).setControl !== 'function') {
    throw new TypeError('the x86 driver needs an x86 debug unit: one with setAddress, setControl and setStatus');
  }
  return new X86Driver(holder);
}
