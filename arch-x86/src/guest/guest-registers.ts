import { highHalf, lowHalf } from '@hwbp/core';
import { DR6_RESET } from '../silicon/dr6.js';
import { DR7_ENABLES, DR7_FIXED_1, DR7_GD } from '../silicon/dr7.js';
import type { X86Model } from '../silicon/model.js';
import { X86_DEBUG_REGISTERS, type X86Silicon } from '../silicon/x86-silicon.js';

/** Bits of DR6 that KVM lets a guest change when it emulates the write: B0-B3, bit 11, BD, BS, BT, RTM. */
const EMULATED_DR6 = 0x1_e80f;
/** CR4.DE: debugging extensions. */
export const CR4_DE = 8n;
/** Bits of DR7 likewise. */
const EMULATED_DR7 = 0xffff_2bff;

/** Numbers that may be any bits are kept as they are: `>>> 0` where they are read. */
const unsigned = (value: number): bigint => BigInt(value >>> 0);

/**
 * The debug registers of one virtual CPU (Linux: kvm_vcpu_arch): what the guest has written, what is loaded for it, and
 * what the CPU's control block holds.
 */
export class GuestRegisters {
  readonly #model: X86Model;
  /** Its control register 4. @settable */
  cr4: bigint;
  readonly #cr4: bigint;
  readonly db: bigint[] = [0n, 0n, 0n, 0n];
  readonly masks: number[] = [0, 0, 0, 0];
  dr6 = DR6_RESET;
  dr7 = DR7_FIXED_1;
  /** What takes the place of {@link db} while somebody debugs the guest by breakpoints. */
  #hostDb: readonly bigint[] | undefined;
  #hostMasks: readonly number[] = [];
  #hostDr7 = 0;
  /** DR7 as an entry loads it, and an exit saves it. */
  #loadedDr7 = DR7_FIXED_1;

  /** `cr4`: its value after reset. */
  constructor(model: X86Model, cr4: bigint) {
    this.#model = model;
    this.#cr4 = cr4;
    this.cr4 = cr4;
  }

  /** CR4.DE. */
  get extensions(): boolean {
    return (this.cr4 & CR4_DE) !== 0n;
  }

  /** The guest's own registers as after power-on. */
  reset(): void {
    this.db.fill(0n);
    this.masks.fill(0);
    this.dr6 = DR6_RESET;
    this.dr7 = DR7_FIXED_1;
    this.cr4 = this.#cr4;
    this.update();
  }

  /** DR7 in the control block. */
  get control(): number {
    return this.#loadedDr7 >>> 0;
  }

  /** DR7 as the CPU has it after an entry: bits that it does not keep are gone. */
  get loadedControl(): number {
    return ((this.#loadedDr7 & this.#model.writableControl) | DR7_FIXED_1) >>> 0;
  }

  /** True if the registers that are loaded have something enabled. */
  get enabled(): boolean {
    return (this.#loadedDr7 & DR7_ENABLES) !== 0;
  }

  /** DR7 of whoever debugs the guest; 0 without. */
  get hostControl(): number {
    return this.#hostDb === undefined ? 0 : this.#hostDr7;
  }

  /** Addresses of whoever debugs the guest, or else its own. */
  get addresses(): readonly bigint[] {
    return this.#hostDb ?? this.db;
  }

  /** Somebody's breakpoints take the place of the guest's; `undefined`: they are back. */
  override(db: readonly bigint[] | undefined, dr7 = 0, masks: readonly number[] = []): void {
    this.#hostDb = db;
    this.#hostDr7 = dr7;
    this.#hostMasks = masks;
    this.update();
  }

  /** DR7 has changed: what an entry loads follows. */
  update(): void {
    this.#loadedDr7 = this.#hostDb === undefined ? this.dr7 : this.#hostDr7;
  }

  /** A #DB was delivered by the CPU: general detect is off, in the control block too. */
  detected(): void {
    if (!this.#model.virtualization.interceptKeepsDetect) this.#loadedDr7 &= ~DR7_GD;
  }

  /** Writes what is to be in the registers to a unit. `native`: the guest uses them itself. */
  load(unit: X86Silicon, native: boolean): void {
    const masks = this.#hostDb === undefined ? this.masks : this.#hostMasks;
    for (let register = 0; register < X86_DEBUG_REGISTERS; register++) {
      const address = this.addresses[register] ?? 0n;
      unit.setAddress(register, highHalf(address), lowHalf(address));
      unit.setAddressMask(register, masks[register] ?? 0);
    }
    if (native) unit.setStatus(this.dr6 >>> 0);
    unit.setControl(this.#loadedDr7 >>> 0);
  }

  /** Reads back what a guest that uses the registers itself has left there. */
  save(unit: X86Silicon): void {
    for (let register = 0; register < X86_DEBUG_REGISTERS; register++) this.db[register] = unit.address(register);
    this.dr6 = unit.status;
    this.dr7 = unit.control;
    this.update();
  }

  /** A #DB becomes the guest's: B0-B3 are replaced, other conditions are added. `payload` in positive polarity. */
  deliver(payload: number): void {
    const kept = (this.dr6 & ~0xf) | DR6_RESET;
    this.dr6 = ((kept | payload) ^ (payload & DR6_RESET)) & ~0x1000;
  }

  /** The guest's own general detect goes off as its #DB is injected. */
  clearDetect(): void {
    if ((this.dr7 & DR7_GD) === 0) return;
    this.dr7 &= ~DR7_GD;
    this.update();
  }

  /** What the guest reads when KVM emulates it. */
  read(register: number): bigint {
    if (register < X86_DEBUG_REGISTERS) return this.db[register] as bigint;
    return unsigned(register === 6 ? this.dr6 : this.dr7);
  }

  /** What the guest writes when KVM emulates it; false: it is no value of this register. */
  write(register: number, value: bigint): boolean {
    if (register < X86_DEBUG_REGISTERS) {
      this.db[register] = value;
      return true;
    }
    if (value > 0xffff_ffffn) return false;
    if (register === 6) {
      this.dr6 = (Number(value) & EMULATED_DR6) | DR6_RESET;
    } else {
      this.dr7 = (Number(value) & EMULATED_DR7) | DR7_FIXED_1;
      this.update();
    }
    return true;
  }
}
