import {
  type ControlAccess,
  type ControlResult,
  type DebugException,
  debugException,
  type ExecutionState,
  type FilterPart,
  WatchFilter,
} from '@hwbp/core';
import { Arm64DebugUnit, type Arm64DebugUnitOptions, STEP } from '../silicon/arm64-debug-unit.js';
import type { Arm64Silicon, RegisterPair } from '../silicon/arm64-silicon.js';
import { CONTROL_ENABLE, MDSCR_KDE, MDSCR_MDE } from '../silicon/control.js';

/** Who decides for the unit; implemented by the guest debug state. */
export interface GuestUnitKeeper {
  /** Somebody steps the guest from outside. */
  readonly steps: boolean;
  /** An instruction that the hypervisor does has come to its end; `step`: a step of the guest's own ends with it. */
  completed(step: boolean): void;
}

/** What takes the place of the guest's registers while somebody debugs it by breakpoints: by number. */
export interface Override {
  readonly watchpoints: readonly (RegisterPair | undefined)[];
  readonly breakpoints: readonly (RegisterPair | undefined)[];
}

/** What of the physical unit was somebody else's before the guest came. */
interface Saved {
  readonly mdscr: number;
  readonly osLock: boolean;
  readonly far: bigint;
  readonly esr: number;
}

/** An instruction of a guest that somebody steps from outside has completed. */
export const OUTSIDE_STEP: DebugException = debugException('step from outside', 'after');

const KERNEL: ExecutionState = Object.freeze({ mode: 'kernel', singleStep: false, resume: false });
const NOTHING: RegisterPair = Object.freeze({ hi: 0, lo: 0, control: 0 });

/**
 * What a guest finds in place of a debug unit: registers of its own, which are in the physical unit while it is on a
 * CPU and something in them is enabled (Linux: arch/arm64/kvm/debug.c). What matches is that unit's business.
 */
export class Arm64GuestUnit implements Arm64Silicon {
  /** The guest's registers. Nothing is ever compared with them here. */
  readonly #own: Arm64DebugUnit;
  readonly #keeper: GuestUnitKeeper;
  /** Nothing is ever armed in it. */
  readonly #parked = new WatchFilter();
  #physical: Arm64Silicon | undefined;
  #saved: Saved | undefined;
  #override: Override | undefined;
  /** FAR and ESR of the latest exception here, whoever it was for. */
  #reported: Pick<Saved, 'far' | 'esr'> = { far: 0n, esr: 0 };
  #completing = false;

  constructor(options: Arm64DebugUnitOptions, keeper: GuestUnitKeeper) {
    this.#own = new Arm64DebugUnit(options);
    this.#keeper = keeper;
  }

  get loaded(): boolean {
    return this.#physical !== undefined;
  }

  get overridden(): boolean {
    return this.#override !== undefined;
  }

  /** What the latest exception has said, be it the guest's or that of whoever debugs it. */
  get reported(): Pick<Saved, 'far' | 'esr'> {
    return this.#reported;
  }

  enter(physical: Arm64Silicon): void {
    this.#physical = physical;
    this.#load();
  }

  leave(): void {
    const physical = this.#physical;
    if (physical === undefined) return;
    this.#unload(physical);
    this.#physical = undefined;
    physical.discard();
  }

  /** Somebody's breakpoints take the place of the guest's; `undefined`: those are back. */
  override(override: Override | undefined): void {
    this.#override = override;
    this.#load();
  }

  /** The hypervisor does the instruction that executes. */
  complete(): void {
    this.#completing = true;
  }

  // --- registers, as the guest's kernel has them ---

  get brps(): number {
    return this.#own.brps;
  }

  get wrps(): number {
    return this.#own.wrps;
  }

  get far(): bigint {
    return this.#own.far;
  }

  get esr(): number {
    return this.#own.esr;
  }

  get mdscr(): number {
    return this.#own.mdscr;
  }

  set mdscr(value: number) {
    this.#own.mdscr = value;
    this.#load();
  }

  get osLock(): boolean {
    return this.#own.osLock;
  }

  set osLock(locked: boolean) {
    this.#own.osLock = locked;
    this.#load();
  }

  setBreakpoint(n: number, hi: number, lo: number, control: number): void {
    this.#own.setBreakpoint(n, hi, lo, control);
    this.#load();
  }

  setWatchpoint(n: number, hi: number, lo: number, control: number): void {
    this.#own.setWatchpoint(n, hi, lo, control);
    this.#load();
  }

  move(access: ControlAccess, state: ExecutionState): ControlResult | undefined {
    const result = this.#own.move(access, state);
    if (access.value !== undefined && typeof result === 'bigint') this.#load();
    return result;
  }

  // --- the life of an instruction ---

  get filter(): WatchFilter {
    return this.#physical?.filter ?? this.#parked;
  }

  get pending(): boolean {
    return this.#completing || this.#keeper.steps || this.#physical?.pending === true;
  }

  fetch(hi: number, lo: number, state: ExecutionState): DebugException | undefined {
    return this.#told(this.#physical?.fetch(hi, lo, state));
  }

  access(part: FilterPart, hi: number, lo: number, size: number, state: ExecutionState): DebugException | undefined {
    return this.#told(this.#physical?.access(part, hi, lo, size, state));
  }

  retire(state: ExecutionState): DebugException | undefined {
    const completing = this.#completing;
    this.#completing = false;
    const physical = completing ? undefined : this.#physical;
    const stepped = physical === undefined ? this.#own.retire(state) : this.#told(physical.retire(state));
    if (!this.#keeper.steps) return stepped === undefined ? undefined : STEP;
    this.#keeper.completed(stepped !== undefined);
    return this.loaded ? OUTSIDE_STEP : undefined;
  }

  discard(): void {
    this.#completing = false;
    this.#physical?.discard();
  }

  reset(): void {
    this.#own.reset();
    this.#load();
  }

  // --- private ---

  /** An exception of the physical unit: what it says is the guest's, unless somebody debugs that. */
  #told(exception: DebugException | undefined): DebugException | undefined {
    const physical = this.#physical;
    if (exception === undefined || physical === undefined) return exception;
    const { far, esr } = physical;
    this.#reported = { far, esr };
    if (this.overridden) return exception;
    this.#own.move({ register: 'far_el1', value: far }, KERNEL);
    this.#own.move({ register: 'esr_el1', value: BigInt(esr) }, KERNEL);
    return exception;
  }

  #watchpoint(n: number): RegisterPair {
    return this.#override === undefined ? this.#own.watchpoint(n) : (this.#override.watchpoints[n] ?? NOTHING);
  }

  #breakpoint(n: number): RegisterPair {
    return this.#override === undefined ? this.#own.breakpoint(n) : (this.#override.breakpoints[n] ?? NOTHING);
  }

  /** True if anything that is to be loaded is enabled. */
  #isUsed(): boolean {
    for (let n = 0; n < this.wrps; n++) if ((this.#watchpoint(n).control & CONTROL_ENABLE) !== 0) return true;
    for (let n = 0; n < this.brps; n++) if ((this.#breakpoint(n).control & CONTROL_ENABLE) !== 0) return true;
    return false;
  }

  /** What is to be loaded may have changed: the physical unit follows, if the guest is on one. */
  #load(): void {
    const physical = this.#physical;
    if (physical === undefined) return;
    if (!this.#isUsed()) {
      this.#unload(physical);
      return;
    }
    this.#save(physical);
    physical.mdscr = this.overridden ? MDSCR_MDE | MDSCR_KDE : this.#own.mdscr;
    physical.osLock = !this.overridden && this.#own.osLock;
    for (let n = 0; n < this.wrps; n++) {
      const { hi, lo, control } = this.#watchpoint(n);
      physical.setWatchpoint(n, hi, lo, control);
    }
    for (let n = 0; n < this.brps; n++) {
      const { hi, lo, control } = this.#breakpoint(n);
      physical.setBreakpoint(n, hi, lo, control);
    }
  }

  #save(physical: Arm64Silicon): void {
    const { mdscr, osLock, far, esr } = physical;
    this.#saved ??= { mdscr, osLock, far, esr };
  }

  /** Nothing of the guest's is left there, and the rest is as its owner had it. */
  #unload(physical: Arm64Silicon): void {
    const saved = this.#saved;
    if (saved === undefined) return;
    this.#saved = undefined;
    try {
      physical.mdscr = saved.mdscr;
      physical.osLock = saved.osLock;
      physical.move({ register: 'far_el1', value: saved.far }, KERNEL);
      physical.move({ register: 'esr_el1', value: BigInt(saved.esr) }, KERNEL);
    } finally {
      for (let n = 0; n < this.wrps; n++) physical.setWatchpoint(n, 0, 0, 0);
      for (let n = 0; n < this.brps; n++) physical.setBreakpoint(n, 0, 0, 0);
    }
  }
}
