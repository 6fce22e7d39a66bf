import {
  CONDITION_FETCH,
  CONDITION_READ,
  CONDITION_WRITE,
  type ControlAccess,
  type ControlResult,
  type DebugException,
  debugException,
  type ExecutionState,
  FILTER_READ,
  FILTER_WRITE,
  type FilterPart,
  highHalf,
  joinHalves,
  lowHalf,
  type Mode,
  rangesOverlap,
  WatchFilter,
} from '@hwbp/core';
import { CIABR_PRIV, matchesCiabr } from './ciabr.js';
import { DSISR_DABRMATCH, DSISR_ISSTORE } from './dsisr.js';
import { MSR } from './msr.js';
import type { Ppc64Silicon } from './ppc64-silicon.js';
import { SPR, sprNumber } from './spr.js';
import {
  PRIVILEGE_HYPERVISOR,
  PRIVILEGE_KERNEL,
  PRIVILEGE_USER,
  type Watch,
  type WatchLayout,
} from './watch-layout.js';

/** Data storage interrupt, 0x300: before the access. */
export const DSI: DebugException = debugException('DSI', 'before');
/** Trace interrupt, 0xd00: after each instruction while MSR[SE] is set, and after one that CIABR matches. */
export const TRACE: DebugException = debugException('trace', 'after');

/** How a unit is built. */
export interface Ppc64DebugUnitOptions {
  /** Its watch registers. */
  readonly layouts: readonly WatchLayout[];
  /**
   * What DAR holds after a match: the address of the access (`access`, default, as the architecture says), or the first
   * byte of it that the lowest register that matched watches (`watched`, as QEMU's TCG has it).
   */
  readonly dar?: 'access' | 'watched';
  /** DSISR says whether the access was a store. Default true; QEMU's TCG leaves it out. */
  readonly dsisrStore?: boolean;
  /**
   * An instruction of several accesses (stxvp) has made those before the one that matches, as under QEMU's TCG. Default
   * false.
   */
  readonly storesEarlier?: boolean;
  /**
   * DABRX can be written. Default true. Under a hypervisor that only has H_SET_DABR it cannot, and reads user | kernel.
   */
  readonly dabrx?: boolean;
  /** It has CIABR (since POWER8). Default false. */
  readonly ciabr?: boolean;
}

const PRIVILEGES: Readonly<Record<Mode, number>> = {
  user: PRIVILEGE_USER,
  kernel: PRIVILEGE_KERNEL,
  hypervisor: PRIVILEGE_HYPERVISOR,
};
const NOTHING: Watch = Object.freeze({ hi: 0, lo: 0, length: 8, conditions: 0, privileges: 0 });

/**
 * The debug registers of one ppc64 CPU, and what the chip does with them: an access that shares a byte with a watched
 * doubleword raises a DSI before anything is performed. DAR tells where; nothing tells which register.
 */
export class Ppc64DebugUnit implements Ppc64Silicon {
  readonly filter: WatchFilter;
  readonly flags = MSR;
  readonly storesEarlier: boolean;
  /** The filter's number of register 0. */
  readonly #first: number;
  readonly layouts: readonly WatchLayout[];
  #dsisr = 0;
  readonly #options: Ppc64DebugUnitOptions;
  readonly #hi: Int32Array;
  readonly #lo: Int32Array;
  readonly #control: Int32Array;
  readonly #watches: Watch[];
  #darHi = 0;
  #darLo = 0;
  readonly #ciabr = { hi: 0, lo: 0 };
  /** CIABR matches the instruction that executes. */
  #matched = false;

  /** `filter`: one of its own, unless it shares another's. */
  constructor(options: Ppc64DebugUnitOptions, filter = new WatchFilter()) {
    const { length } = options.layouts;
    this.filter = filter;
    this.#first = filter.allot(options.ciabr === true ? length + 1 : length);
    this.layouts = options.layouts;
    this.#options = options;
    this.storesEarlier = options.storesEarlier === true;
    this.#hi = new Int32Array(length);
    this.#lo = new Int32Array(length);
    this.#control = new Int32Array(length);
    this.#watches = new Array(length).fill(NOTHING);
  }

  get pending(): boolean {
    return this.#matched;
  }

  get dsisr(): number {
    return this.#dsisr;
  }

  get dar(): bigint {
    return joinHalves(this.#darHi, this.#darLo);
  }

  setWatch(register: number, hi: number, lo: number, control: number): void {
    const layout = this.layouts[register];
    if (layout === undefined) throw new TypeError(`there is no watch register ${register}`);
    const same = this.#hi[register] === (hi | 0) && this.#lo[register] === (lo | 0);
    if (same && this.#control[register] === control) return;
    this.#hi[register] = hi;
    this.#lo[register] = lo;
    this.#control[register] = control;
    const watch = layout.decode({
      hi,
      lo,
      control: this.#isFixed(layout.controlSpr) ? PRIVILEGE_USER | PRIVILEGE_KERNEL : control,
    });
    this.#watches[register] = watch;
    if (watch.conditions === 0 || watch.privileges === 0) this.filter.disarm(this.#first + register);
    else this.filter.arm(this.#first + register, watch.conditions, watch.hi, watch.lo, watch.length);
  }

  // --- mtspr and mfspr, as an instruction executes them ---

  /** All of these are privileged. A register that this CPU does not have is none. */
  move({ register: name, value }: ControlAccess, { mode }: ExecutionState): ControlResult | undefined {
    const spr = sprNumber(name);
    if (spr === undefined || !this.#has(spr)) return undefined;
    if (mode === 'user') return 'privilege';
    if (value === undefined) return this.#read(spr);
    this.#writeSpr(spr, value);
    return BigInt.asUintN(64, value);
  }

  // --- the life of an instruction ---

  fetch(hi: number, lo: number, { mode }: ExecutionState): undefined {
    this.#matched = matchesCiabr(this.#ciabr, hi, lo, mode);
  }

  access(part: FilterPart, hi: number, lo: number, size: number, state: ExecutionState): DebugException | undefined {
    const condition = part === FILTER_READ ? CONDITION_READ : part === FILTER_WRITE ? CONDITION_WRITE : 0;
    const privilege = PRIVILEGES[state.mode];
    for (const watch of this.#watches) {
      if ((watch.conditions & condition) === 0 || (watch.privileges & privilege) === 0) continue;
      if (!rangesOverlap(hi, lo, size, watch.hi, watch.lo, watch.length)) continue;
      this.#report(hi, lo, watch, part === FILTER_WRITE);
      // It does not complete.
      this.#matched = false;
      return DSI;
    }
    return undefined;
  }

  retire(state: ExecutionState): DebugException | undefined {
    const matched = this.#matched;
    this.#matched = false;
    return state.singleStep || matched ? TRACE : undefined;
  }

  discard(): void {
    this.#matched = false;
  }

  reset(): void {
    for (let register = 0; register < this.layouts.length; register++) this.setWatch(register, 0, 0, 0);
    this.#setCiabr(0, 0);
    this.#matched = false;
    this.#darHi = 0;
    this.#darLo = 0;
    this.#dsisr = 0;
  }

  #has(spr: number): boolean {
    if (spr === SPR.DAR || spr === SPR.DSISR) return true;
    if (spr === SPR.CIABR) return this.#options.ciabr === true;
    return this.layouts.some(({ addressSpr, controlSpr }) => spr === addressSpr || spr === controlSpr);
  }

  #read(spr: number): bigint {
    if (spr === SPR.DAR) return this.dar;
    if (spr === SPR.DSISR) return BigInt(this.#dsisr);
    if (spr === SPR.CIABR) return joinHalves(this.#ciabr.hi, this.#ciabr.lo);
    const register = this.#registerOf(spr);
    if (spr === this.layouts[register]?.addressSpr) {
      return joinHalves(this.#hi[register] as number, this.#lo[register] as number);
    }
    if (this.#isFixed(spr)) return BigInt(PRIVILEGE_USER | PRIVILEGE_KERNEL);
    return BigInt((this.#control[register] as number) >>> 0);
  }

  /** DAR and DSISR can be written too. */
  #writeSpr(spr: number, value: bigint): void {
    const [hi, lo] = [highHalf(value), lowHalf(value)];
    if (spr === SPR.DAR) {
      this.#darHi = hi;
      this.#darLo = lo;
      return;
    }
    if (spr === SPR.DSISR) {
      this.#dsisr = lo >>> 0;
      return;
    }
    if (spr === SPR.CIABR) {
      this.#setCiabr(hi, lo);
      return;
    }
    const register = this.#registerOf(spr);
    if (spr === this.layouts[register]?.addressSpr) this.setWatch(register, hi, lo, this.#control[register] as number);
    else this.setWatch(register, this.#hi[register] as number, this.#lo[register] as number, lo);
  }

  #setCiabr(hi: number, lo: number): void {
    if (this.#options.ciabr !== true) return;
    this.#ciabr.hi = hi | 0;
    this.#ciabr.lo = lo | 0;
    const number = this.#first + this.layouts.length;
    if ((lo & CIABR_PRIV) === 0) this.filter.disarm(number);
    else this.filter.arm(number, CONDITION_FETCH, hi, lo & ~3, 4);
  }

  #registerOf(spr: number): number {
    return this.layouts.findIndex(({ addressSpr, controlSpr }) => spr === addressSpr || spr === controlSpr);
  }

  /** DABRX where a hypervisor does not let it be written. */
  #isFixed(controlSpr: number): boolean {
    return this.#options.dabrx === false && controlSpr === SPR.DABRX;
  }

  #report(hi: number, lo: number, watch: Watch, store: boolean): void {
    // They overlap: so the access begins before what is watched unless its first byte lies there.
    const inside = rangesOverlap(hi, lo, 1, watch.hi, watch.lo, watch.length);
    const first = this.#options.dar === 'watched' && !inside;
    this.#darHi = first ? watch.hi : hi;
    this.#darLo = first ? watch.lo : lo;
    this.#dsisr = DSISR_DABRMATCH | (store && this.#options.dsisrStore !== false ? DSISR_ISSTORE : 0);
  }
}
