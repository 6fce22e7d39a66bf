import {
  CONDITION_READ,
  CONDITION_WRITE,
  type DebugException,
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
import { DSISR_DABRMATCH, DSISR_ISSTORE } from './dsisr.js';
import type { Ppc64Silicon } from './ppc64-silicon.js';
import { SPR } from './spr.js';
import {
  PRIVILEGE_HYPERVISOR,
  PRIVILEGE_KERNEL,
  PRIVILEGE_USER,
  type Watch,
  type WatchLayout,
} from './watch-layout.js';

/** Data storage interrupt, 0x300: before the access. */
export const DSI: DebugException = Object.freeze({ vector: 'DSI', timing: 'before' });
/** Trace interrupt, 0xd00: after each instruction while MSR[SE] is set. */
export const TRACE: DebugException = Object.freeze({ vector: 'trace', timing: 'after' });

/** How a unit is built. */
export interface Ppc64DebugUnitOptions {
  /** Its watch registers. */
  readonly layouts: readonly WatchLayout[];
  /**
   * What DAR holds after a match: the address of the access (`access`, default, as the architecture says), or the first byte of it that
   * the lowest register that matched watches (`watched`, as QEMU's TCG has it).
   */
  readonly dar?: 'access' | 'watched';
  /** DSISR says whether the access was a store. Default true; QEMU's TCG leaves it out. */
  readonly dsisrStore?: boolean;
  /**
   * DABRX can be written. Default true. Under a hypervisor that only has H_SET_DABR it cannot, and reads user | kernel.
   */
  readonly dabrx?: boolean;
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
  readonly filter = new WatchFilter();
  readonly pending = false;
  readonly layouts: readonly WatchLayout[];
  dsisr = 0;
  readonly #options: Ppc64DebugUnitOptions;
  readonly #hi: Int32Array;
  readonly #lo: Int32Array;
  readonly #control: Int32Array;
  readonly #watches: Watch[];
  #darHi = 0;
  #darLo = 0;

  constructor(options: Ppc64DebugUnitOptions) {
    const { length } = options.layouts;
    this.layouts = options.layouts;
    this.#options = options;
    this.#hi = new Int32Array(length);
    this.#lo = new Int32Array(length);
    this.#control = new Int32Array(length);
    this.#watches = new Array(length).fill(NOTHING);
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
    const fixed = this.#options.dabrx === false && layout.controlSpr === SPR.DABRX;
    const watch = layout.decode({ hi, lo, control: fixed ? PRIVILEGE_USER | PRIVILEGE_KERNEL : control });
    this.#watches[register] = watch;
    if (watch.conditions === 0 || watch.privileges === 0) this.filter.disarm(register);
    else this.filter.arm(register, watch.conditions, watch.hi, watch.lo, watch.length);
  }

  // --- mtspr and mfspr ---

  /** mfspr; `undefined` if this CPU has no such register. */
  moveFromSpr(spr: number): bigint | undefined {
    if (spr === SPR.DAR) return this.dar;
    if (spr === SPR.DSISR) return BigInt(this.dsisr);
    for (const [register, { addressSpr, controlSpr }] of this.layouts.entries()) {
      if (spr === addressSpr) return joinHalves(this.#hi[register] ?? 0, this.#lo[register] ?? 0);
      if (spr !== controlSpr) continue;
      const fixed = this.#options.dabrx === false && spr === SPR.DABRX;
      return fixed ? BigInt(PRIVILEGE_USER | PRIVILEGE_KERNEL) : BigInt((this.#control[register] ?? 0) >>> 0);
    }
    return undefined;
  }

  /** mtspr; false if this CPU has no such register. DAR and DSISR can be written too. */
  moveToSpr(spr: number, value: bigint): boolean {
    const [hi, lo] = [highHalf(value), lowHalf(value)];
    if (spr === SPR.DAR) {
      this.#darHi = hi;
      this.#darLo = lo;
      return true;
    }
    if (spr === SPR.DSISR) {
      this.dsisr = lo >>> 0;
      return true;
    }
    for (const [register, { addressSpr, controlSpr }] of this.layouts.entries()) {
      if (spr === addressSpr) this.setWatch(register, hi, lo, this.#control[register] ?? 0);
      else if (spr === controlSpr) this.setWatch(register, this.#hi[register] ?? 0, this.#lo[register] ?? 0, lo);
      else continue;
      return true;
    }
    return false;
  }

  // --- the life of an instruction ---

  fetch(): undefined {}

  access(part: FilterPart, hi: number, lo: number, size: number, state: ExecutionState): DebugException | undefined {
    const condition = part === FILTER_READ ? CONDITION_READ : part === FILTER_WRITE ? CONDITION_WRITE : 0;
    const privilege = PRIVILEGES[state.mode];
    for (const watch of this.#watches) {
      if ((watch.conditions & condition) === 0 || (watch.privileges & privilege) === 0) continue;
      if (!rangesOverlap(hi, lo, size, watch.hi, watch.lo, watch.length)) continue;
      this.#report(hi, lo, watch, part === FILTER_WRITE);
      return DSI;
    }
    return undefined;
  }

  retire(state: ExecutionState): DebugException | undefined {
    return state.singleStep ? TRACE : undefined;
  }

  discard(): void {}

  reset(): void {
    for (let register = 0; register < this.layouts.length; register++) this.setWatch(register, 0, 0, 0);
    this.#darHi = 0;
    this.#darLo = 0;
    this.dsisr = 0;
  }

  #report(hi: number, lo: number, watch: Watch, store: boolean): void {
    // They overlap: so the access begins before what is watched unless its first byte lies there.
    const inside = rangesOverlap(hi, lo, 1, watch.hi, watch.lo, watch.length);
    const first = this.#options.dar === 'watched' && !inside;
    this.#darHi = first ? watch.hi : hi;
    this.#darLo = first ? watch.lo : lo;
    this.dsisr = DSISR_DABRMATCH | (store && this.#options.dsisrStore !== false ? DSISR_ISSTORE : 0);
  }
}
