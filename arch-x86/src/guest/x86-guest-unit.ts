import {
  type ControlAccess,
  type ControlResult,
  type DebugException,
  type ExecutionState,
  FILTER_PORT,
  type FilterPart,
  joinHalves,
  WatchFilter,
} from '@hwbp/core';
import { DR6_BD, DR6_RESET } from '../silicon/dr6.js';
import { DR7_GD } from '../silicon/dr7.js';
import { EFLAGS } from '../silicon/eflags.js';
import type { VirtualizationModel } from '../silicon/model.js';
import { DB_FAULT } from '../silicon/x86-debug-unit.js';
import { X86_DEBUG_REGISTERS, type X86Silicon } from '../silicon/x86-silicon.js';
import type { GuestRegisters } from './guest-registers.js';

/** Who decides for the unit; implemented by the guest debug state. */
export interface GuestUnitKeeper {
  /** Every access to a debug register is the hypervisor's: somebody debugs the guest. */
  intercepts(): boolean;
  /** The guest reaches for a register that it has not loaded: it leaves, and is native at its next entry. */
  accessed(): void;
  /** An instruction that the hypervisor does has come to its end. */
  completed(): void;
}

/** Registers as instructions name them: the index is the number. */
const DEBUG_REGISTERS: readonly string[] = Array.from({ length: 8 }, (_, index) => `dr${index}`);

/**
 * What a guest finds in place of a debug unit. While it is on a physical CPU, what matches is that CPU's unit's
 * business; what the guest reads and writes is its own, and reaches the physical unit only while it is native: after
 * its first access, until it leaves.
 */
export class X86GuestUnit implements X86Silicon {
  readonly #registers: GuestRegisters;
  readonly #model: VirtualizationModel;
  readonly #keeper: GuestUnitKeeper;
  /** Nothing is ever armed in it. */
  readonly #parked = new WatchFilter();
  #physical: X86Silicon | undefined;
  /** The guest has the physical registers for itself. */
  #native = false;
  /** It has them at its next entry. */
  #claims = false;
  /** A guest of this guest has its registers in here. @settable */
  occupied = false;
  #written = false;
  #detected = false;
  #completing = false;

  constructor(registers: GuestRegisters, model: VirtualizationModel, keeper: GuestUnitKeeper) {
    this.#registers = registers;
    this.#model = model;
    this.#keeper = keeper;
  }

  get exceptionStatus(): number {
    if (this.#detected) return (DR6_RESET | DR6_BD) >>> 0;
    const physical = this.#physical;
    return physical?.exceptionStatus ?? physical?.status ?? DR6_RESET;
  }

  /** The CPU's registers are the guest's own at its next entry. */
  makeNative(): void {
    this.#claims = true;
  }

  /** What the guest has in the physical registers is read back, and stays there. */
  look(): void {
    if (this.#native && this.#physical !== undefined) this.#registers.save(this.#physical);
  }

  /** What the guest has in the physical registers is read back: from now on its own are here. */
  save(): void {
    this.look();
    this.#native = false;
    this.#detected = false;
  }

  /** The hypervisor does the instruction that executes. */
  complete(): void {
    this.#completing = true;
  }

  enter(physical: X86Silicon): void {
    this.#physical = physical;
    // While somebody debugs the guest, what is loaded is his.
    this.#native = (this.#claims || this.occupied) && !this.#keeper.intercepts();
    this.#claims = false;
    this.#written = this.#native || this.#registers.enabled;
    if (!this.#native && physical.status !== DR6_RESET) physical.setStatus(DR6_RESET);
    if (!this.#written) return;
    if (physical.occupied !== undefined) physical.occupied = true;
    try {
      this.#registers.load(physical, this.#native);
    } catch (error) {
      // What is half there is not read back.
      this.#claims = this.#native;
      this.#native = false;
      throw error;
    }
  }

  leave(): void {
    const physical = this.#physical;
    if (physical === undefined) return;
    physical.discard();
    this.save();
    this.#physical = undefined;
    if (!this.#written) return;
    if (physical.occupied !== undefined) physical.occupied = false;
    physical.setControl(0);
    for (let register = 0; register < X86_DEBUG_REGISTERS; register++) physical.setAddressMask(register, 0);
  }

  // --- registers, as the guest's kernel has them ---

  get status(): number {
    const native = this.#reach();
    return native?.status ?? this.#registers.dr6 >>> 0;
  }

  get control(): number {
    const native = this.#reach();
    return native?.control ?? this.#registers.dr7 >>> 0;
  }

  address(register: number): bigint {
    const native = this.#reach();
    return native?.address(register) ?? this.#registers.read(register);
  }

  setStatus(value: number): void {
    const native = this.#reach();
    if (native === undefined) this.#registers.write(6, BigInt(value >>> 0));
    else native.setStatus(value);
  }

  setControl(value: number): void {
    const native = this.#reach();
    if (native === undefined) this.#registers.write(7, BigInt(value >>> 0));
    else native.setControl(value);
  }

  setAddress(register: number, hi: number, lo: number): void {
    const native = this.#reach();
    if (native === undefined) this.#registers.write(register, joinHalves(hi, lo));
    else native.setAddress(register, hi, lo);
  }

  setAddressMask(register: number, mask: number): void {
    if (this.#registers.masks[register] === mask) return;
    const native = this.#reach();
    this.#registers.masks[register] = mask;
    native?.setAddressMask(register, mask);
  }

  // --- MOV to and from debug registers, and CR4 ---

  /**
   * In the order in which the CPU looks (AMD APM vol. 2, 15.8): privilege (#GP), DR4 and DR5 under CR4.DE (#UD),
   * general detect, and then the intercept.
   */
  move(access: ControlAccess, state: ExecutionState): ControlResult | undefined {
    const index = DEBUG_REGISTERS.indexOf(access.register);
    if (index < 0 && access.register !== 'cr4') return undefined;
    if (state.mode === 'user') return 'privilege';
    if (index < 0) return this.#physical === undefined ? this.#moveExtensions(access) : 'intercepted';
    const alias = index === 4 || index === 5;
    if (alias && this.#registers.extensions) return 'undefined';
    const register = alias ? index + 2 : index;
    if (this.#native && this.#physical !== undefined) {
      return this.#physical.move({ ...access, register: `dr${register}` }, state);
    }
    if (this.#physical === undefined) return this.#moveParked(register, access.value);
    if ((this.#registers.control & DR7_GD) !== 0 && !this.#model.interceptBeforeDetect) {
      this.#detected = true;
      return DB_FAULT;
    }
    return 'intercepted';
  }

  // --- the life of an instruction ---

  get filter(): WatchFilter {
    // Looked up each time: the physical unit may be that of a guest, which comes and goes.
    return this.#physical?.filter ?? this.#parked;
  }

  get pending(): boolean {
    return this.#completing || this.#physical?.pending === true;
  }

  readonly flags = EFLAGS;

  fetch(hi: number, lo: number, state: ExecutionState, shadowed?: boolean): DebugException | undefined {
    return this.#physical?.fetch(hi, lo, state, shadowed);
  }

  /** A port is never watched: its access leaves the guest before the unit would report it. */
  access(part: FilterPart, hi: number, lo: number, size: number, state: ExecutionState): DebugException | undefined {
    return part === FILTER_PORT ? undefined : this.#physical?.access(part, hi, lo, size, state);
  }

  retire(state: ExecutionState): DebugException | undefined {
    if (!this.#completing) return this.#physical?.retire(state);
    this.#completing = false;
    this.#physical?.discard();
    this.#keeper.completed();
    return undefined;
  }

  discard(): void {
    this.#completing = false;
    this.#physical?.discard();
  }

  reset(): void {
    this.#registers.reset();
  }

  // --- private ---

  /** The physical unit, if the guest has it for itself; else its own registers are what it reaches. */
  #reach(): X86Silicon | undefined {
    if (this.#native && this.#physical !== undefined) return this.#physical;
    if (!this.#keeper.intercepts()) this.#claims = true;
    if (this.#physical !== undefined) this.#keeper.accessed();
    return undefined;
  }

  /** The guest is on no CPU: code of its kernel's own. */
  #moveParked(register: number, value: bigint | undefined): ControlResult {
    if (value === undefined) return this.#registers.read(register);
    return this.#registers.write(register, BigInt.asUintN(64, value)) ? value : 'value';
  }

  #moveExtensions({ value }: ControlAccess): bigint {
    if (value !== undefined) this.#registers.cr4 = value;
    return this.#registers.cr4;
  }
}
