import {
  DR7_GE,
  encodeDr7,
  registerBits,
  registerMask,
  X86_BREAKPOINT_RW,
  X86_BREAKPOINT_WRITE,
  type X86Breakpoint,
} from '@hwbp/arch-x86';
import type { Occupant, UnitHolder, Unmute } from '@hwbp/core';
import { driverMutant, type Mutant } from './mutant.js';
import { OpenDriver } from './open-driver.js';

class KeepsOnlyTheRemoved extends OpenDriver {
  override uninstall(register: number): void {
    const info = this.held[register]?.info;
    this.held[register] = undefined;
    if (info === undefined) return;
    this.shadow = (this.shadow & encodeDr7(register, info.len, info.type)) >>> 0;
    this.writeControl();
  }
}

class RemovesAll extends OpenDriver {
  override uninstall(register: number): void {
    this.held[register] = undefined;
    this.shadow = 0;
    this.writeControl();
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
    this.writeControl();
  }
}

class AlwaysRegister0 extends OpenDriver {
  override install(register: number, occupant: Occupant<X86Breakpoint>): void {
    const { info } = occupant;
    this.held[register] = occupant;
    this.shadow = (this.shadow | registerBits(0, info.len, info.type) | DR7_GE) >>> 0;
    if (!this.muted) this.unit.setAddress(register, info.hi, info.lo);
    this.writeControl();
  }
}

class WatchesLoadsToo extends OpenDriver {
  override install(register: number, occupant: Occupant<X86Breakpoint>): void {
    const { len, type } = occupant.info;
    super.install(register, occupant);
    const programmed = type === X86_BREAKPOINT_WRITE ? X86_BREAKPOINT_RW : type;
    this.shadow = (this.shadow | registerBits(register, len, programmed)) >>> 0;
    this.writeControl();
  }
}

// --- the mute ---

class ForgetsWhileMuted extends OpenDriver {
  protected override silence(): void {
    super.silence();
    this.shadow = 0;
  }
}

class WritesControlOnly extends OpenDriver {
  override install(register: number, occupant: Occupant<X86Breakpoint>): void {
    this.unit.setAddress(register, occupant.info.hi, occupant.info.lo);
    super.install(register, occupant);
  }

  protected override flush(): void {
    this.unit.setControl(this.shadow);
  }
}

/** What happened while it was muted stays in the shadow: the hardware is as it was. */
class WritesBackWhatWasThere extends OpenDriver {
  #control = 0;

  protected override silence(): void {
    this.#control = this.unit.control;
    super.silence();
  }

  protected override flush(): void {
    this.unit.setControl(this.#control);
  }
}

class ArmsWhileMuted extends OpenDriver {
  override install(register: number, occupant: Occupant<X86Breakpoint>): void {
    this.unit.setAddress(register, occupant.info.hi, occupant.info.lo);
    super.install(register, occupant);
  }

  protected override writeControl(): void {
    this.unit.setControl(this.shadow);
  }
}

class FirstUnmuteArms extends OpenDriver {
  override mute(): Unmute {
    const unmute = super.mute();
    return () => {
      unmute();
      this.flush();
    };
  }
}

class EveryMuteIsTheOnlyOne extends OpenDriver {
  override mute(): Unmute {
    return this.muted ? () => {} : super.mute();
  }
}

class ForgetsWhatWasRemoved extends OpenDriver {
  override uninstall(register: number): void {
    if (!this.muted) super.uninstall(register);
  }
}

/** The addresses that it writes are those of whoever was there when it was muted. */
class WritesStaleOccupants extends OpenDriver {
  #before: readonly (Occupant<X86Breakpoint> | undefined)[] = [];

  protected override silence(): void {
    this.#before = [...this.held];
    super.silence();
  }

  protected override flush(): void {
    super.flush();
    for (const [register, occupant] of this.#before.entries()) {
      if (occupant !== undefined) this.unit.setAddress(register, occupant.info.hi, occupant.info.lo);
    }
  }
}

/** The unit of the beginning, whatever sits there now. */
class KeepsItsUnit extends OpenDriver {
  readonly #first = super.unit;

  override get unit() {
    return this.#first;
  }
}

/** Every mute silences the hardware, also one that only wants the writes to wait. */
class AlwaysQuiet extends OpenDriver {
  override mute(): Unmute {
    return super.mute();
  }
}

class LetsAnUnmutePass extends OpenDriver {
  constructor(holder: UnitHolder) {
    super(holder);
    const { unmute } = this;
    const lenient: Unmute = () => {
      if (this.muted) unmute();
    };
    Object.defineProperty(this, 'unmute', { value: lenient });
  }
}

export const driverMutants: readonly Mutant[] = [
  driverMutant(
    '#4: uninstall ANDs the encoded field, not its complement',
    ['driver/uninstall-leaves-neighbours-armed', 'driver/uninstall-silences'],
    KeepsOnlyTheRemoved,
  ),
  driverMutant('#5: uninstall drops what belongs to all', ['driver/uninstall-leaves-neighbours-armed'], RemovesAll),
  driverMutant('#50: stores are programmed as loads and stores', ['silicon/other-kinds-do-not-hit'], WatchesLoadsToo),
  driverMutant('driver: uninstall leaves the hardware armed', ['driver/uninstall-silences'], LeavesHardwareArmed),
  driverMutant('driver: uninstall leaves the field', ['driver/listed-conditions-are-accepted-and-hit'], LeavesTheField),
  driverMutant('driver: every field goes to register 0', ['driver/installs-in-any-register'], AlwaysRegister0),
  driverMutant(
    'driver: mute forgets the software copy',
    ['driver/mute-silences-and-the-last-unmute-arms-again'],
    ForgetsWhileMuted,
  ),
  driverMutant('driver: unmute writes DR7 only', ['driver/unmute-after-power-loss'], WritesControlOnly),
  driverMutant(
    'driver: what was installed while muted never comes',
    ['driver/muted-changes-reach-the-hardware-once', 'scheduler/follows-its-task-and-no-other'],
    WritesBackWhatWasThere,
  ),
  driverMutant(
    'driver: what is installed while muted is armed at once',
    ['driver/muted-changes-reach-the-hardware-once', 'together/nothing-is-armed-while-a-debugger-is-inside'],
    ArmsWhileMuted,
  ),
  driverMutant(
    'driver: the first of two who let go arms again',
    ['driver/mute-silences-and-the-last-unmute-arms-again'],
    FirstUnmuteArms,
  ),
  driverMutant(
    'driver: a second mute does not count',
    ['together/a-debugger-that-enters-in-a-handler-stays-inside'],
    EveryMuteIsTheOnlyOne,
  ),
  driverMutant(
    'driver: mute forgets what was removed meanwhile',
    ['driver/unmute-brings-nothing-back-that-was-removed'],
    ForgetsWhatWasRemoved,
  ),
  driverMutant(
    'driver: unmute writes the addresses of those who were there before',
    ['driver/unmute-writes-who-is-there-now'],
    WritesStaleOccupants,
  ),
  driverMutant(
    'driver: keeps the unit that it began with',
    ['driver/looks-its-unit-up-where-it-uses-it'],
    KeepsItsUnit,
  ),
  driverMutant(
    'driver: a mute that is not quiet silences',
    ['driver/a-mute-that-is-not-quiet-lets-the-writes-wait'],
    AlwaysQuiet,
  ),
  driverMutant(
    'driver: one unmute too many is let pass',
    ['driver/unmute-without-a-mute-is-a-mistake'],
    LetsAnUnmutePass,
  ),
];
