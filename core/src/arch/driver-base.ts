import type { ArchBreakpoint, CpuDriver, Occupant, Unmute } from './cpu-driver.js';

/**
 * The software copy of one CPU's debug registers, and the mute: what every driver has in common. A backend says how its
 * registers are written.
 */
export abstract class DriverBase<Info extends ArchBreakpoint = ArchBreakpoint> implements CpuDriver<Info> {
  readonly #occupants: (Occupant<Info> | undefined)[];
  #mutes = 0;
  /** Somebody who mutes wanted the hardware quiet. */
  #silent = false;
  /** The hardware may hold something else than the software copy says. */
  #stale = false;
  readonly unmute: Unmute = () => {
    if (this.#mutes === 0) throw new Error('unmute was called once too often: nobody mutes these registers');
    if (--this.#mutes > 0) return;
    this.#silent = false;
    if (this.#stale || this.active) this.restore();
  };

  /** `registers`: how many there are. */
  constructor(registers: number) {
    this.#occupants = new Array(registers).fill(undefined);
  }

  get occupants(): readonly (Occupant<Info> | undefined)[] {
    return this.#occupants;
  }

  get muted(): boolean {
    return this.#mutes > 0;
  }

  get active(): boolean {
    for (const occupant of this.#occupants) if (occupant !== undefined) return true;
    return false;
  }

  install(register: number, occupant: Occupant<Info>): void {
    this.#occupants[register] = occupant;
    if (this.#mutes === 0) this.arm(register, occupant.info);
  }

  uninstall(register: number): void {
    const occupant = this.#occupants[register];
    if (occupant === undefined) return;
    if (this.#mutes === 0) this.disarm(register);
    this.#occupants[register] = undefined;
  }

  mute(quiet = true): Unmute {
    this.#mutes++;
    // Where nothing is armed there is nothing to write, now and when the mute ends.
    this.#stale ||= this.active;
    if (!quiet || this.#silent) return this.unmute;
    try {
      if (this.#stale) this.silence();
      this.#silent = true;
    } catch (error) {
      // Nobody has muted: there is nobody to let go.
      this.#mutes--;
      throw error;
    }
    return this.unmute;
  }

  restore(): void {
    this.#stale = true;
    if (this.#mutes > 0) return;
    this.flush();
    this.#stale = false;
  }

  /** Programs one register. The software copy knows the occupant already. */
  protected abstract arm(register: number, info: Info): void;

  /** Disarms one register. The software copy still knows the occupant. */
  protected abstract disarm(register: number): void;

  /** Disarms the hardware; the software copy stays. */
  protected silence(): void {
    for (let register = 0; register < this.#occupants.length; register++) this.disarm(register);
  }

  /** Writes the software copy to the hardware, whatever that held. */
  protected flush(): void {
    for (let register = 0; register < this.#occupants.length; register++) {
      const occupant = this.#occupants[register];
      if (occupant === undefined) this.disarm(register);
      else this.arm(register, occupant.info);
    }
  }
}
