import {
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
  isBelow,
  joinHalves,
  lowHalf,
  WatchFilter,
} from '@hwbp/core';
import type { Arm64Silicon, RegisterPair } from './arm64-silicon.js';
import { Comparator } from './comparator.js';
import { BCR_WRITABLE, MDSCR_KDE, MDSCR_MDE, MDSCR_SS, WCR_WRITABLE } from './control.js';
import { EC_BREAKPOINT, EC_STEP, EC_WATCHPOINT, ISS_WNR, syndrome } from './syndrome.js';
import { type SystemRegister, systemRegister } from './system-registers.js';

/** Before the instruction: it has not executed. */
export const BREAKPOINT: DebugException = debugException('breakpoint', 'before');
/** Before the access. */
export const WATCHPOINT: DebugException = debugException('watchpoint', 'before');
/** Software step: after the instruction, before the next one. */
export const STEP: DebugException = debugException('software step', 'after');

/** How a unit is built. */
export interface Arm64DebugUnitOptions {
  /** Breakpoint registers, 2 to 16. Default 6. */
  readonly brps?: number;
  /** Watchpoint registers, 2 to 16. Default 4. */
  readonly wrps?: number;
  /** ID_AA64DFR0_EL1.DebugVer: 6 for Armv8.0 (default), 7 for VHE, 8, 9 and 10 for Armv8.2, 8.4 and 8.8. */
  readonly debugArch?: number;
  /** Bits of a virtual address: 48 (default), or 52 with FEAT_LVA. */
  readonly vaBits?: 48 | 52;
  /**
   * What FAR_EL1 holds after a watchpoint exception. `access`: the first byte of the access. `quadword` (default):
   * that, but not below the 16 bytes that contain the first watched byte (Cortex-A72). `watched`: the first byte of the
   * access that is watched, page by page (QEMU's TCG). All of them are what the architecture allows.
   */
  readonly far?: 'access' | 'quadword' | 'watched';
  /**
   * An instruction of several accesses (LDP of vectors, LD1, STM) has made those before the one that hits (QEMU's TCG),
   * or none of them (default). Both are what the architecture allows.
   */
  readonly storesEarlier?: boolean;
}

/** Pages of the emulator: it makes an access that crosses two as one for each, once it knows that none faults. */
const PAGE_SIZE = 0x1000;
/** PSTATE.D among the bits of DAIF. */
const DAIF_D = 0x200;
const DAIF_BITS = 0x3c0n;
/** OSLSR_EL1: the OS Lock is there (OSLM), and locked (OSLK). */
const OSLM = 0x8n;
const OSLK = 0x2n;

/**
 * The self-hosted debug registers of one arm64 CPU, and what the chip does with them (Arm ARM, D2 and D24.3): two pools
 * of comparators, exceptions before the instruction and before the access, FAR_EL1 and ESR_EL1 to tell about it.
 */
export class Arm64DebugUnit implements Arm64Silicon {
  readonly filter: WatchFilter;
  readonly pending = false;
  readonly storesEarlier: boolean;
  /** The filter's number of DBGWVR0; breakpoints follow the watchpoints. */
  readonly #first: number;
  readonly #watchpoints: readonly Comparator[];
  readonly #breakpoints: readonly Comparator[];
  readonly #far: 'access' | 'quadword' | 'watched';
  readonly #debugArch: number;
  readonly #vaBits: number;
  #mdscr = 0;
  #osLock = true;
  #osDoubleLock = false;
  #masked = false;
  #farHi = 0;
  #farLo = 0;
  #esr = 0;

  /** `filter`: one of its own, unless it shares another's. */
  constructor(options: Arm64DebugUnitOptions = {}, filter = new WatchFilter()) {
    const { brps = 6, wrps = 4, debugArch = 6, vaBits = 48, far = 'quadword', storesEarlier = false } = options;
    this.filter = filter;
    this.#first = filter.allot(wrps + brps);
    this.#watchpoints = Array.from({ length: wrps }, () => new Comparator());
    this.#breakpoints = Array.from({ length: brps }, () => new Comparator());
    this.#far = far;
    this.storesEarlier = storesEarlier;
    this.#debugArch = debugArch;
    this.#vaBits = vaBits;
  }

  get brps(): number {
    return this.#breakpoints.length;
  }

  get wrps(): number {
    return this.#watchpoints.length;
  }

  get far(): bigint {
    return joinHalves(this.#farHi, this.#farLo);
  }

  get esr(): number {
    return this.#esr;
  }

  get mdscr(): number {
    return this.#mdscr;
  }

  set mdscr(value: number) {
    this.#mdscr = value & (MDSCR_SS | MDSCR_KDE | MDSCR_MDE);
  }

  get osLock(): boolean {
    return this.#osLock;
  }

  set osLock(locked: boolean) {
    this.#osLock = locked;
  }

  setBreakpoint(n: number, hi: number, lo: number, control: number): void {
    const comparator = numbered(this.#breakpoints, n, 'DBGBVR');
    comparator.set(this.#extended(hi), lo & ~3, control & BCR_WRITABLE, true);
    comparator.arm(this.filter, this.#first + this.#watchpoints.length + n);
  }

  setWatchpoint(n: number, hi: number, lo: number, control: number): void {
    const comparator = numbered(this.#watchpoints, n, 'DBGWVR');
    comparator.set(this.#extended(hi), lo & ~3, control & WCR_WRITABLE, false);
    comparator.arm(this.filter, this.#first + n);
  }

  /** What DBGBVR and DBGBCR `n` hold. */
  breakpoint(n: number): RegisterPair {
    return numbered(this.#breakpoints, n, 'DBGBVR');
  }

  /** What DBGWVR and DBGWCR `n` hold. */
  watchpoint(n: number): RegisterPair {
    return numbered(this.#watchpoints, n, 'DBGWVR');
  }

  // --- the life of an instruction ---

  /** No flag makes it go by one: an instruction that is executed again hits again. */
  fetch(hi: number, lo: number, state: ExecutionState): DebugException | undefined {
    if (!this.#fires(state)) return undefined;
    for (const comparator of this.#breakpoints) {
      if (!comparator.touches(hi, lo, 1) || !comparator.isAbout(state.mode)) continue;
      this.#esr = syndrome(EC_BREAKPOINT, state.mode);
      return BREAKPOINT;
    }
    return undefined;
  }

  /** One access of an instruction that makes several: each is compared by itself, the lowest register first. */
  access(part: FilterPart, hi: number, lo: number, size: number, state: ExecutionState): DebugException | undefined {
    if (part !== FILTER_READ && part !== FILTER_WRITE) return undefined;
    if (!this.#fires(state)) return undefined;
    const inPage = PAGE_SIZE - (lo & (PAGE_SIZE - 1));
    if (this.#far !== 'watched' || size <= inPage) return this.#compare(part, hi, lo, size, state);
    const nextLo = (lo + inPage) | 0;
    const nextHi = nextLo === 0 ? (hi + 1) | 0 : hi;
    return this.#compare(part, hi, lo, inPage, state) ?? this.#compare(part, nextHi, nextLo, size - inPage, state);
  }

  #compare(part: FilterPart, hi: number, lo: number, size: number, state: ExecutionState): DebugException | undefined {
    const condition = part === FILTER_READ ? CONDITION_READ : CONDITION_WRITE;
    for (const comparator of this.#watchpoints) {
      if ((comparator.conditions & condition) === 0 || !comparator.isAbout(state.mode)) continue;
      if (!comparator.touches(hi, lo, size)) continue;
      this.#report(hi, lo, comparator);
      this.#esr = syndrome(EC_WATCHPOINT, state.mode, part === FILTER_WRITE ? ISS_WNR : 0);
      return WATCHPOINT;
    }
    return undefined;
  }

  /** `singleStep`: MDSCR_EL1.SS is on where the instruction executed, and it was not masked. */
  retire({ singleStep, mode }: ExecutionState): DebugException | undefined {
    if (!singleStep || this.#isMasked(mode)) return undefined;
    this.#esr = syndrome(EC_STEP, mode);
    return STEP;
  }

  discard(): void {}

  reset(): void {
    for (let n = 0; n < this.#breakpoints.length; n++) this.setBreakpoint(n, 0, 0, 0);
    for (let n = 0; n < this.#watchpoints.length; n++) this.setWatchpoint(n, 0, 0, 0);
    this.#mdscr = 0;
    this.#osLock = true;
    this.#osDoubleLock = false;
    this.#masked = false;
    this.#farHi = 0;
    this.#farLo = 0;
    this.#esr = 0;
  }

  // --- MSR and MRS ---

  /** None of them is there in EL0. OSLAR_EL1 cannot be read, OSLSR_EL1 and ID_AA64DFR0_EL1 cannot be written. */
  move({ register: name, value }: ControlAccess, { mode }: ExecutionState): ControlResult | undefined {
    const register = systemRegister(name);
    if (register === undefined) return undefined;
    const numbered = this.#pool(register);
    if (mode === 'user' || (numbered !== undefined && register.number >= numbered.length)) return 'undefined';
    if (value === undefined) return register.kind === 'oslar' ? 'undefined' : this.#read(register);
    if (register.kind === 'oslsr' || register.kind === 'dfr0') return 'undefined';
    this.#write(register, BigInt.asUintN(64, value));
    return BigInt.asUintN(64, value);
  }

  /** The comparators that a numbered register belongs to. */
  #pool({ kind }: SystemRegister): readonly Comparator[] | undefined {
    if (kind === 'bvr' || kind === 'bcr') return this.#breakpoints;
    return kind === 'wvr' || kind === 'wcr' ? this.#watchpoints : undefined;
  }

  #read(register: SystemRegister): bigint {
    const comparator = this.#pool(register)?.[register.number];
    switch (register.kind) {
      case 'mdscr':
        return BigInt(this.#mdscr);
      case 'oslsr':
        return this.#osLock ? OSLM | OSLK : OSLM;
      case 'osdlr':
        return this.#osDoubleLock ? 1n : 0n;
      case 'dfr0':
        return this.#features();
      case 'far':
        return this.far;
      case 'esr':
        return BigInt(this.#esr);
      case 'daif':
        return this.#masked ? BigInt(DAIF_D) : 0n;
      case 'bvr':
      case 'wvr':
        return joinHalves(comparator?.hi ?? 0, comparator?.lo ?? 0);
      default:
        return BigInt((comparator?.control ?? 0) >>> 0);
    }
  }

  #write(register: SystemRegister, value: bigint): void {
    const { kind, number } = register;
    const [hi, lo] = [highHalf(value), lowHalf(value)];
    const comparator = this.#pool(register)?.[number];
    switch (kind) {
      case 'bvr':
        this.setBreakpoint(number, hi, lo, comparator?.control ?? 0);
        break;
      case 'bcr':
        this.setBreakpoint(number, comparator?.hi ?? 0, comparator?.lo ?? 0, lo);
        break;
      case 'wvr':
        this.setWatchpoint(number, hi, lo, comparator?.control ?? 0);
        break;
      case 'wcr':
        this.setWatchpoint(number, comparator?.hi ?? 0, comparator?.lo ?? 0, lo);
        break;
      case 'mdscr':
        this.mdscr = lo;
        break;
      case 'oslar':
        this.#osLock = (lo & 1) !== 0;
        break;
      case 'osdlr':
        this.#osDoubleLock = (lo & 1) !== 0;
        break;
      case 'daif':
        this.#masked = (value & DAIF_BITS & BigInt(DAIF_D)) !== 0n;
        break;
      case 'far':
        [this.#farHi, this.#farLo] = [hi, lo];
        break;
      default:
        this.#esr = lo >>> 0;
    }
  }

  /** ID_AA64DFR0_EL1: DebugVer, BRPs and WRPs, each a number less than there are. */
  #features(): bigint {
    return (BigInt(this.wrps - 1) << 20n) | (BigInt(this.brps - 1) << 12n) | BigInt(this.#debugArch);
  }

  /** Bits above the highest of a virtual address are copies of it (RESS). */
  #extended(hi: number): number {
    const shift = 63 - this.#vaBits;
    return (hi << shift) >> shift;
  }

  /** PSTATE.D masks what would be taken to the level that the CPU is at. */
  #isMasked(mode: ExecutionState['mode']): boolean {
    return this.#masked && mode !== 'user';
  }

  /** Whether breakpoints and watchpoints are on: at EL1 only with KDE. */
  #fires({ mode }: ExecutionState): boolean {
    if (this.#osLock || this.#osDoubleLock || (this.#mdscr & MDSCR_MDE) === 0) return false;
    return mode === 'user' || ((this.#mdscr & MDSCR_KDE) !== 0 && !this.#masked);
  }

  #report(hi: number, lo: number, { firstHi, firstLo }: Comparator): void {
    const limitLo = this.#far === 'quadword' ? firstLo & ~15 : firstLo;
    const raised = this.#far !== 'access' && isBelow(hi, lo, firstHi, limitLo);
    this.#farHi = raised ? firstHi : hi;
    this.#farLo = raised ? limitLo : lo;
  }
}

function numbered(pool: readonly Comparator[], n: number, name: string): Comparator {
  const comparator = pool[n];
  if (comparator !== undefined) return comparator;
  throw new TypeError(`there is no ${name}${n}_EL1: the highest number is ${pool.length - 1}`);
}
