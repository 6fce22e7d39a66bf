import { DR7_GE, DR7_GLOBAL_ENABLES, registerBits, registerMask, type X86Breakpoint, X86Driver } from '@hwbp/arch-x86';
import type { Occupant } from '@hwbp/core';

const REGISTERS = [0, 1, 2, 3];

/** A faithful x86 driver whose parts can be replaced one by one: what mutants of the driver are made from. */
export class OpenDriver extends X86Driver {
  protected readonly held: (Occupant<X86Breakpoint> | undefined)[] = [undefined, undefined, undefined, undefined];
  protected shadow = 0;

  override get occupants(): readonly (Occupant<X86Breakpoint> | undefined)[] {
    return this.held;
  }

  override get shadowDr7(): number {
    return this.shadow;
  }

  override get active(): boolean {
    return (this.shadow & DR7_GLOBAL_ENABLES) !== 0;
  }

  override install(register: number, occupant: Occupant<X86Breakpoint>): void {
    const { hi, lo, len, type } = occupant.info;
    this.held[register] = occupant;
    this.shadow = (this.shadow | registerBits(register, len, type) | DR7_GE) >>> 0;
    if (!this.muted) this.unit.setAddress(register, hi, lo);
    this.writeControl();
  }

  override uninstall(register: number): void {
    // The hardware first: the copy never says less.
    const control = (this.shadow & ~registerMask(register)) >>> 0;
    this.writeControl(control);
    this.held[register] = undefined;
    this.shadow = control;
  }

  protected override silence(): void {
    this.unit.setControl(0);
  }

  protected override flush(): void {
    for (const register of REGISTERS) {
      const info = this.held[register]?.info;
      this.unit.setAddress(register, info?.hi ?? 0, info?.lo ?? 0);
    }
    this.unit.setControl(this.shadow);
  }

  /** What the software copy says goes to the hardware, unless that is to be quiet. */
  protected writeControl(control = this.shadow): void {
    if (!this.muted) this.unit.setControl(control);
  }
}
