import {
  DR7_GE,
  encodeDr7,
  registerBits,
  registerMask,
  X86_BREAKPOINT_RW,
  X86_BREAKPOINT_WRITE,
  type X86Breakpoint,
} from '@hwbp/arch-x86';
import type { Occupant } from '@hwbp/core';
import { driverMutant, type Mutant } from './mutant.js';
import { OpenDriver } from './open-driver.js';

class KeepsOnlyTheRemoved extends OpenDriver {
  override uninstall(register: number): void {
    const info = this.held[register]?.info;
    this.held[register] = undefined;
    if (info === undefined) return;
    this.shadow = (this.shadow & encodeDr7(register, info.len, info.type)) >>> 0;
    this.unit.setControl(this.shadow);
  }
}

class RemovesAll extends OpenDriver {
  override uninstall(register: number): void {
    this.held[register] = undefined;
    this.shadow = 0;
    this.unit.setControl(0);
  }
}

class LeavesHardwareArmed extends OpenDriver {
  override uninstall(register: number): void {
    this.held[register] = undefined;
    this.shadow = (this.shadow & ~registerMask(register)) >>> 0;
  }
}

/** Clears the enable bit and leaves the field, which the next breakpoint of the register is mixed with. */
class LeavesTheField extends OpenDriver {
  override uninstall(register: number): void {
    this.held[register] = undefined;
    this.shadow = (this.shadow & ~(3 << (2 * register))) >>> 0;
    this.unit.setControl(this.shadow);
  }
}

class WritesSavedControlBack extends OpenDriver {
  #saved = 0;

  override quiesce(): void {
    this.#saved = this.unit.control;
    super.quiesce();
  }

  override resume(): void {
    this.unit.setControl(this.#saved);
  }
}

class DisablesTheShadow extends OpenDriver {
  override disable(): void {
    super.disable();
    this.shadow = 0;
  }
}

class RestoresControlOnly extends OpenDriver {
  override restore(): void {
    this.unit.setControl(this.shadow);
  }
}

class AlwaysRegister0 extends OpenDriver {
  override install(register: number, occupant: Occupant<X86Breakpoint>): void {
    const { info } = occupant;
    this.held[register] = occupant;
    this.unit.setAddress(register, info.hi, info.lo);
    this.shadow = (this.shadow | registerBits(0, info.len, info.type) | DR7_GE) >>> 0;
    this.unit.setControl(this.shadow);
  }
}

class WatchesLoadsToo extends OpenDriver {
  override install(register: number, occupant: Occupant<X86Breakpoint>): void {
    const { len, type } = occupant.info;
    super.install(register, occupant);
    const programmed = type === X86_BREAKPOINT_WRITE ? X86_BREAKPOINT_RW : type;
    this.shadow = (this.shadow | registerBits(register, len, programmed)) >>> 0;
    this.unit.setControl(this.shadow);
  }
}

/** What happens between hold and release stays in the shadow. */
class HoldsForEver extends OpenDriver {
  #held = false;

  override hold(): void {
    this.#held = true;
  }

  override release(): void {
    this.#held = false;
  }

  override install(register: number, occupant: Occupant<X86Breakpoint>): void {
    const { control } = this.unit;
    super.install(register, occupant);
    if (this.#held) this.unit.setControl(control);
  }
}

export const driverMutants: readonly Mutant[] = [
  driverMutant(
    '#4: uninstall ANDs the encoded field, not its complement',
    ['driver/uninstall-leaves-neighbours-armed', 'driver/uninstall-silences'],
    KeepsOnlyTheRemoved,
  ),
  driverMutant('#5: uninstall drops what belongs to all', ['driver/uninstall-leaves-neighbours-armed'], RemovesAll),
  driverMutant(
    '#20: the DR7 of the entry is written back at the exit',
    ['together/handler-unregisters-itself', 'together/handler-registers-another'],
    WritesSavedControlBack,
  ),
  driverMutant('#50: stores are programmed as loads and stores', ['silicon/other-kinds-do-not-hit'], WatchesLoadsToo),
  driverMutant('driver: uninstall leaves the hardware armed', ['driver/uninstall-silences'], LeavesHardwareArmed),
  driverMutant('driver: uninstall leaves the field', ['driver/listed-conditions-are-accepted-and-hit'], LeavesTheField),
  driverMutant(
    'driver: disable forgets the software copy',
    ['driver/disable-silences-and-restore-arms-again'],
    DisablesTheShadow,
  ),
  driverMutant('driver: restore writes DR7 only', ['driver/restore-after-power-loss'], RestoresControlOnly),
  driverMutant(
    'driver: what was held back never comes',
    ['driver/held-changes-reach-the-hardware', 'scheduler/follows-its-task-and-no-other'],
    HoldsForEver,
  ),
  driverMutant('driver: every field goes to register 0', ['driver/installs-in-any-register'], AlwaysRegister0),
];
