import {
  CONDITION_FETCH,
  CONDITION_READ,
  CONDITION_WRITE,
  type Mode,
  rangesOverlap,
  type WatchFilter,
} from '@hwbp/core';
import {
  BT_SHIFT,
  CONTROL_ENABLE,
  CONTROL_HMC,
  CONTROL_WT,
  controlFields,
  MASK_SHIFT,
  PRIVILEGE_EL0,
  PRIVILEGE_EL1,
  TYPE_LOAD,
  TYPE_STORE,
} from './control.js';

/** The top byte takes no part in comparisons (TBI). */
const UNTAGGED = 0x00ff_ffff;
const WATCHED_BLOCK = 8;

/** A comparator's registers and what they match, ready for comparing. */
export class Comparator {
  hi = 0;
  lo = 0;
  control = 0;
  /** The first byte that it matches, in halves, and how many from there on; 0: it matches nothing. */
  firstHi = 0;
  firstLo = 0;
  length = 0;
  /** `CONDITION_*` that it matches. */
  conditions = 0;
  /** Bytes between the first and the last are left out: BAS has a gap. */
  #gaps = 0;

  /** Works out what it matches. `execute`: it is a breakpoint. */
  set(hi: number, lo: number, control: number, execute: boolean): void {
    this.hi = hi;
    this.lo = lo;
    this.control = control;
    this.length = 0;
    this.conditions = 0;
    this.#gaps = 0;
    if ((control & CONTROL_ENABLE) === 0) return;
    if (execute) this.#setBreakpoint(hi, lo, control);
    else this.#setWatchpoint(hi, lo, control);
  }

  /** Stands in a filter as far as it matches anything. */
  arm(filter: WatchFilter, number: number): void {
    if (this.length === 0 || this.conditions === 0) filter.disarm(number);
    else filter.arm(number, this.conditions, this.firstHi, this.firstLo, this.length);
  }

  /** Whether it is about code, or accesses, of a mode: HMC, SSC and PAC of the rows that matter without EL3. */
  isAbout(mode: Mode): boolean {
    const { privilege } = controlFields(this.control);
    if (mode === 'user') return (privilege & PRIVILEGE_EL0) !== 0;
    if (mode === 'kernel') return (privilege & PRIVILEGE_EL1) !== 0;
    return (this.control & CONTROL_HMC) !== 0;
  }

  /** Whether an access, or the first byte of an instruction, touches what it matches. */
  touches(hi: number, lo: number, size: number): boolean {
    const firstHi = this.firstHi & UNTAGGED;
    if (this.length === 0 || !rangesOverlap(hi & UNTAGGED, lo, size, firstHi, this.firstLo, this.length)) return false;
    if (this.#gaps === 0) return true;
    for (let byte = 0; byte < this.length; byte++) {
      const watched = (this.#gaps & (1 << byte)) === 0;
      if (watched && rangesOverlap(hi & UNTAGGED, lo, size, firstHi, (this.firstLo + byte) | 0, 1)) return true;
    }
    return false;
  }

  /**
   * BAS is 1111 for A64 and A32 instructions; 0011 and 1100 are the two halfwords of T32. Bits 1 and 3 copy bits 0 and
   * 2 (Arm ARM: DBGBCR<n>_EL1.BAS). Linked and context breakpoints are not compared.
   */
  #setBreakpoint(hi: number, lo: number, control: number): void {
    const { bas } = controlFields(control);
    if (control >>> BT_SHIFT !== 0) return;
    const [low, high] = [(bas & 1) !== 0, (bas & 4) !== 0];
    if (!low && !high) return;
    this.firstHi = hi;
    this.firstLo = low ? lo & ~3 : (lo & ~3) | 2;
    this.length = 1;
    this.conditions = CONDITION_FETCH;
  }

  /** With bit 2 of the address set only the lower half of BAS counts. */
  #setWatchpoint(hi: number, lo: number, control: number): void {
    const { type, bas: written } = controlFields(control);
    if ((control & CONTROL_WT) !== 0) return;
    this.conditions =
      ((type & TYPE_LOAD) !== 0 ? CONDITION_READ : 0) | ((type & TYPE_STORE) !== 0 ? CONDITION_WRITE : 0);
    this.firstHi = hi;
    const mask = (control >>> MASK_SHIFT) & 0x1f;
    if (mask >= 3) {
      this.firstLo = mask === 31 ? lo & 0x8000_0000 : lo & ~((1 << mask) - 1);
      this.length = 2 ** mask;
      return;
    }
    const bas = (lo & 4) === 0 ? written : written & 0xf;
    if (bas === 0) return;
    const first = 31 - Math.clz32(bas & -bas);
    const last = 31 - Math.clz32(bas);
    this.firstLo = (lo & ~3) + first;
    this.length = last - first + 1;
    this.#gaps = ~(bas >>> first) & ((1 << Math.min(this.length, WATCHED_BLOCK)) - 1);
  }
}
