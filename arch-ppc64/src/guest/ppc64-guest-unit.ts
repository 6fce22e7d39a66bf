import {
  type ControlAccess,
  type ControlResult,
  type DebugException,
  debugException,
  type ExecutionState,
  type FilterPart,
  type GuestUnit,
  type GuestUnitKeeper,
  highHalf,
  joinHalves,
  lowHalf,
  WatchFilter,
} from '@hwbp/core';
import type { Hypervised } from '../papr/hcalls.js';
import { MSR } from '../silicon/msr.js';
import { TRACE } from '../silicon/ppc64-debug-unit.js';
import type { Ppc64Silicon } from '../silicon/ppc64-silicon.js';
import { sprNumber } from '../silicon/spr.js';
import type { WatchLayout, WatchValue } from '../silicon/watch-layout.js';
import type { GuestRegisters } from './guest-registers.js';
import type { HypercallTarget } from './hypercalls.js';

/** The kernel of the guest calls the hypervisor: the status. */
export type GuestHypercall = (number: number, args: readonly bigint[]) => number;

/** How the unit's registers are to those who have not the hypervisor's privileges. */
export interface GuestUnitFacts {
  /** Version of the Power ISA. */
  readonly isa: number;
  readonly ciabr: boolean;
}

/** What an SPR is of a watch register. */
interface NamedRegister {
  readonly register: number;
  /** The one that controls it, or else the one with the address. */
  readonly control: boolean;
}

/** An instruction of a guest that somebody steps from outside has completed. */
export const OUTSIDE_STEP: DebugException = debugException('step from outside', 'after');

/** As the hypervisor itself writes registers. */
const HYPERVISOR: ExecutionState = Object.freeze({ mode: 'hypervisor', singleStep: false, resume: false });
const DSISR_BITS = 0xffff_ffffn;

/**
 * What a guest finds in place of a debug unit. Its registers are the hypervisor's to write: the guest's kernel asks by
 * {@link hypercall}, its instructions may not (only DAR and DSISR are its own). They are in the physical unit while the
 * guest is on a CPU and something in them is armed, and what matches is that unit's business.
 */
export class Ppc64GuestUnit implements Ppc64Silicon, GuestUnit, Hypervised, HypercallTarget {
  readonly #registers: GuestRegisters;
  readonly #facts: GuestUnitFacts;
  readonly #keeper: GuestUnitKeeper;
  readonly #hypercall: GuestHypercall;
  /** Nothing is ever armed in it. */
  readonly #parked = new WatchFilter();
  #physical: Ppc64Silicon | undefined;
  /** What is in the physical unit of the watch registers, and of CIABR. */
  readonly #written = new Map<number, WatchValue>();
  #ciabr = 0n;
  /** DAR and DSISR of whoever had the physical unit before, while the guest's are in their place. */
  #saved: { readonly dar: bigint; readonly dsisr: number } | undefined;
  /** DAR and DSISR of the latest data storage interrupt here, whoever it was for. */
  #reported: { readonly dar: bigint; readonly dsisr: number } = { dar: 0n, dsisr: 0 };
  #completing = false;
  #untraced = false;

  constructor(registers: GuestRegisters, facts: GuestUnitFacts, keeper: GuestUnitKeeper, hypercall: GuestHypercall) {
    this.#registers = registers;
    this.#facts = facts;
    this.#keeper = keeper;
    this.#hypercall = hypercall;
  }

  get layouts(): readonly WatchLayout[] {
    return this.#registers.layouts;
  }

  get loaded(): boolean {
    return this.#physical !== undefined;
  }

  /** What the latest data storage interrupt has said, be it the guest's or that of whoever debugs it. */
  get reported(): { readonly dar: bigint; readonly dsisr: number } {
    return this.#reported;
  }

  enter(physical: Ppc64Silicon): void {
    this.#physical = physical;
    this.reload();
  }

  leave(): void {
    const physical = this.#physical;
    if (physical === undefined) return;
    const [written, ciabr, saved] = [[...this.#written.keys()], this.#ciabr, this.#saved];
    this.#physical = undefined;
    this.#written.clear();
    this.#ciabr = 0n;
    this.#saved = undefined;
    physical.discard();
    try {
      // The host's driver has no copy of these: whatever fails behind them, they are put right.
      if (ciabr !== 0n) physical.move({ register: 'ciabr', value: 0n }, HYPERVISOR);
      if (saved !== undefined) {
        physical.move({ register: 'dar', value: saved.dar }, HYPERVISOR);
        physical.move({ register: 'dsisr', value: BigInt(saved.dsisr) }, HYPERVISOR);
      }
    } finally {
      for (const register of written) physical.setWatch(register, 0, 0, 0);
    }
  }

  /**
   * What is to be loaded has changed: the physical unit follows if the guest is on one. KVM does that without a way
   * back to its host too (the hypercalls that it handles in real mode).
   */
  reload(): void {
    const physical = this.#physical;
    if (physical === undefined) return;
    const loads = new Map(this.#registers.loads);
    for (const register of [...this.#written.keys()]) {
      if (loads.has(register)) continue;
      physical.setWatch(register, 0, 0, 0);
      this.#written.delete(register);
    }
    for (const [register, value] of loads) {
      if (this.#written.get(register) === value) continue;
      physical.setWatch(register, value.hi, value.lo, value.control);
      this.#written.set(register, value);
    }
    const { loadedCiabr } = this.#registers;
    if (this.#ciabr !== loadedCiabr) physical.move({ register: 'ciabr', value: loadedCiabr }, HYPERVISOR);
    this.#ciabr = loadedCiabr;
  }

  /** The hypervisor does the instruction that executes. */
  complete(): void {
    this.#completing = true;
  }

  /** The instruction that executes is one that is never traced: `sc` (Power ISA, Book III, 7.5.15). */
  untraced(): void {
    this.#untraced = true;
  }

  // --- registers, as the guest's kernel has them ---

  get dar(): bigint {
    return this.#registers.dar;
  }

  get dsisr(): number {
    return this.#registers.dsisr;
  }

  hypercall(number: number, ...args: readonly bigint[]): number {
    return this.#hypercall(number, args);
  }

  // --- as the hypervisor writes them ---

  /** For whoever keeps the guest's registers; the guest's kernel makes a hypercall. */
  setWatch(register: number, hi: number, lo: number, control: number): void {
    if (this.layouts[register] === undefined) throw new TypeError(`there is no watch register ${register}`);
    this.writeWatch(register, { hi, lo, control });
  }

  writeWatch(register: number, value: WatchValue): void {
    if (this.#registers.setWatch(register, value)) this.reload();
  }

  writeCiabr(value: bigint): void {
    if (this.#registers.setCiabr(value)) this.reload();
  }

  // --- mtspr and mfspr ---

  /**
   * DAR and DSISR are privileged, the others are resources of the hypervisor: without its privileges an access is a
   * privileged instruction on POWER7, and an illegal one since (hypervisor emulation assistance, which the hypervisor
   * passes on).
   */
  move({ register: name, value }: ControlAccess, { mode }: ExecutionState): ControlResult | undefined {
    const watch = this.#watchOf(name);
    const own = name === 'dar' || name === 'dsisr';
    if (!own && watch === undefined && (name !== 'ciabr' || !this.#facts.ciabr)) return undefined;
    if (mode === 'user') return 'privilege';
    if (own) return this.#moveOwn(name, value);
    if (mode === 'hypervisor') return this.#moveAsHypervisor(watch, value);
    if (this.#facts.isa < 2.07) return 'privilege';
    return this.loaded ? 'intercepted' : 'undefined';
  }

  // --- the life of an instruction ---

  readonly flags = MSR;

  get filter(): WatchFilter {
    return this.#physical?.filter ?? this.#parked;
  }

  get pending(): boolean {
    return this.#completing || this.#untraced || this.#keeper.steps || this.#physical?.pending === true;
  }

  fetch(hi: number, lo: number, state: ExecutionState): DebugException | undefined {
    return this.#physical?.fetch(hi, lo, state);
  }

  access(part: FilterPart, hi: number, lo: number, size: number, state: ExecutionState): DebugException | undefined {
    const physical = this.#physical;
    if (physical === undefined) return undefined;
    const { dar, dsisr } = physical;
    const exception = physical.access(part, hi, lo, size, state);
    if (exception === undefined) return undefined;
    this.#saved ??= { dar, dsisr };
    this.#reported = { dar: physical.dar, dsisr: physical.dsisr };
    if (this.#registers.overridden) return exception;
    this.#registers.dar = physical.dar;
    this.#registers.dsisr = physical.dsisr;
    return exception;
  }

  retire(state: ExecutionState): DebugException | undefined {
    const [completing, untraced] = [this.#completing, this.#untraced];
    this.#completing = false;
    this.#untraced = false;
    const physical = completing ? undefined : this.#physical;
    if (completing) this.#physical?.discard();
    const matched = physical?.retire(state);
    const trace = !untraced && (matched !== undefined || (physical === undefined && state.singleStep));
    if (!this.#keeper.steps) return trace ? TRACE : undefined;
    this.#keeper.completed(trace);
    return this.loaded ? OUTSIDE_STEP : undefined;
  }

  discard(): void {
    this.#completing = false;
    this.#untraced = false;
    this.#physical?.discard();
  }

  reset(): void {
    this.#registers.reset();
    this.reload();
  }

  // --- private ---

  #watchOf(name: string): NamedRegister | undefined {
    const spr = sprNumber(name);
    const register = this.layouts.findIndex(({ addressSpr, controlSpr }) => spr === addressSpr || spr === controlSpr);
    return register < 0 ? undefined : { register, control: spr === this.layouts[register]?.controlSpr };
  }

  #moveOwn(name: 'dar' | 'dsisr', value: bigint | undefined): bigint {
    if (value !== undefined && name === 'dar') this.#registers.dar = BigInt.asUintN(64, value);
    else if (value !== undefined) this.#registers.dsisr = Number(value & DSISR_BITS);
    return name === 'dar' ? this.#registers.dar : BigInt(this.#registers.dsisr);
  }

  #moveAsHypervisor(watch: NamedRegister | undefined, value: bigint | undefined): bigint {
    if (watch === undefined) {
      if (value !== undefined) this.writeCiabr(BigInt.asUintN(64, value));
      return this.#registers.ciabr;
    }
    const { register, control } = watch;
    const before = this.#registers.watch(register);
    if (value !== undefined) {
      const [hi, lo] = [highHalf(value), lowHalf(value)];
      this.writeWatch(register, control ? { ...before, control: lo } : { ...before, hi, lo });
    }
    const after = this.#registers.watch(register);
    return control ? BigInt(after.control >>> 0) : joinHalves(after.hi, after.lo);
  }
}
