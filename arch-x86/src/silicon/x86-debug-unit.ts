import {
  CONDITION_FETCH,
  CONDITION_PORT,
  CONDITION_READ,
  CONDITION_WRITE,
  type ControlAccess,
  type ControlResult,
  type DebugException,
  debugException,
  type ExecutionState,
  FILTER_PORT,
  FILTER_READ,
  type FilterPart,
  highHalf,
  joinHalves,
  lowHalf,
  rangesOverlap,
  WatchFilter,
} from '@hwbp/core';
import { DR6_BD, DR6_BS, DR6_RESET, DR6_TRAP_BITS, writeDr6 } from './dr6.js';
import {
  DR7_FIXED_1,
  DR7_GD,
  enablesOf,
  LENGTHS,
  RW_EXECUTE,
  RW_IO,
  RW_READ_WRITE,
  RW_WRITE,
  writeDr7,
} from './dr7.js';
import { EFLAGS } from './eflags.js';
import { X86_MODELS, type X86Model } from './model.js';
import { X86_DEBUG_REGISTERS, type X86Silicon } from './x86-silicon.js';

/** #DB before the instruction: an execute breakpoint, or general detect. */
export const DB_FAULT: DebugException = debugException('#DB', 'before');
/** #DB after the instruction: data and I/O breakpoints, single step. */
export const DB_TRAP: DebugException = debugException('#DB', 'after');

/** How a unit is built. */
export interface X86DebugUnitOptions {
  /** CR4.DE at the start: I/O breakpoints work and DR4, DR5 raise #UD. Default true, as Linux sets it. */
  readonly debuggingExtensions?: boolean;
  /**
   * A register that is not enabled sets its B bit too, if its condition is met by an access that raises an exception
   * for another register: real CPUs may do so, and software must mask. Default true.
   */
  readonly spuriousStatus?: boolean;
  /** What the maker decides. Default `X86_MODELS.generic`. */
  readonly model?: Pick<X86Model, 'writableControl' | 'statusAccumulates' | 'suppressesShadowedExecute'>;
}

/** As instructions name them: the index is the register's number. */
const DEBUG_REGISTERS: readonly string[] = Array.from({ length: 8 }, (_, index) => `dr${index}`);
/** What matches nothing. */
const NEVER = 0;

/*
 * Tables of this file's own, and numbers written out where registers are programmed: V8 loads an imported binding anew
 * at each use, and every context switch comes through here.
 */
const PORT: number = CONDITION_PORT;
/** Address bits inside the block of each LEN field. */
const BLOCKS = Int32Array.from(LENGTHS, (length) => length - 1);
/** What each LEN and R/W field watches for. Execution needs LEN 0. */
const CONDITIONS = Int32Array.from({ length: 16 }, (_, field) => {
  const rw = field & 3;
  if (rw === RW_WRITE) return CONDITION_WRITE;
  if (rw === RW_READ_WRITE) return CONDITION_READ | CONDITION_WRITE;
  if (rw === RW_IO) return CONDITION_PORT;
  return field === RW_EXECUTE ? CONDITION_FETCH : NEVER;
});

/**
 * The debug registers of one x86 CPU: DR0-DR3, DR6, DR7, and what the chip does with them (Intel SDM vol. 3, chapter
 * 18).
 *
 * - A data register watches the naturally aligned block of LEN bytes that contains its address; any shared byte is a
 *   hit.
 * - Data hits are traps: all registers that an instruction matched are reported once, after it.
 * - Execute hits are faults, on the first byte of the instruction, suppressed while RF is set.
 */
export class X86DebugUnit implements X86Silicon {
  readonly filter: WatchFilter;
  readonly flags = EFLAGS;
  /** The filter's number of register 0. */
  readonly #first: number;
  /** CR4.DE. Changing it changes what R/W = 10 means. */
  #extensions: boolean;
  readonly #spurious: boolean;
  readonly #suppresses: boolean;
  readonly #writable: number;
  /** B bits that an exception leaves as they are. */
  readonly #kept: number;
  readonly #hi = new Int32Array(X86_DEBUG_REGISTERS);
  readonly #lo = new Int32Array(X86_DEBUG_REGISTERS);
  readonly #mask = new Int32Array(X86_DEBUG_REGISTERS);
  /** DR6 and DR7 as int32: V8 keeps those in a field without allocating. */
  #dr6 = DR6_RESET | 0;
  #dr7 = DR7_FIXED_1;
  /** B bits that the current instruction matched. */
  #matched = 0;

  /** `filter`: one of its own, unless it shares another's. */
  constructor(options: X86DebugUnitOptions = {}, filter = new WatchFilter()) {
    this.filter = filter;
    this.#first = filter.allot(X86_DEBUG_REGISTERS);
    this.#extensions = options.debuggingExtensions ?? true;
    this.#spurious = options.spuriousStatus ?? true;
    const {
      writableControl,
      statusAccumulates,
      suppressesShadowedExecute = false,
    } = options.model ?? X86_MODELS.generic;
    this.#writable = writableControl;
    this.#suppresses = suppressesShadowedExecute;
    this.#kept = statusAccumulates ? ~0 : ~DR6_TRAP_BITS;
  }

  get status(): number {
    return this.#dr6 >>> 0;
  }

  get control(): number {
    return this.#dr7 >>> 0;
  }

  get pending(): boolean {
    return this.#matched !== 0;
  }

  get debuggingExtensions(): boolean {
    return this.#extensions;
  }

  set debuggingExtensions(on: boolean) {
    this.#extensions = on;
    for (let register = 0; register < X86_DEBUG_REGISTERS; register++) this.#arm(register);
  }

  /** The address in DR0 to DR3. */
  address(register: number): bigint {
    return joinHalves(this.#hi[register] ?? 0, this.#lo[register] ?? 0);
  }

  setStatus(value: number): void {
    this.#dr6 = writeDr6(value) | 0;
  }

  setControl(value: number): void {
    const control = writeDr7(value, this.#writable) | 0;
    const changed = this.#dr7 ^ control;
    this.#dr7 = control;
    if ((changed & 0x000f_0003) !== 0) this.#arm(0);
    if ((changed & 0x00f0_000c) !== 0) this.#arm(1);
    if ((changed & 0x0f00_0030) !== 0) this.#arm(2);
    if ((changed & 0xf000_00c0) !== 0) this.#arm(3);
  }

  setAddress(register: number, hi: number, lo: number): void {
    if (this.#lo[register] === (lo | 0) && this.#hi[register] === (hi | 0)) return;
    this.#hi[register] = hi;
    this.#lo[register] = lo;
    if (enablesOf(this.#dr7, register) !== 0) this.#arm(register);
  }

  setAddressMask(register: number, mask: number): void {
    if (this.#mask[register] === (mask | 0)) return;
    this.#mask[register] = mask;
    if (enablesOf(this.#dr7, register) !== 0) this.#arm(register);
  }

  // --- MOV to and from debug registers, as an instruction executes it ---

  /**
   * MOV to and from DR0 to DR7, in the order in which the chip looks: DR4 and DR5 are aliases of DR6 and DR7, or raise
   * #UD under CR4.DE; only privileged code may (#GP); general detect; bits 32 to 63 of DR6 and DR7 must be 0 (#GP).
   */
  move({ register: name, value }: ControlAccess, { mode }: ExecutionState): ControlResult | undefined {
    const index = DEBUG_REGISTERS.indexOf(name);
    if (index < 0) return undefined;
    const alias = index === 4 || index === 5;
    if (alias && this.#extensions) return 'undefined';
    if (mode === 'user') return 'privilege';
    if ((this.#dr7 & DR7_GD) !== 0) {
      this.#matched = 0;
      this.#report(DR6_BD);
      return DB_FAULT;
    }
    const register = alias ? index + 2 : index;
    return value === undefined ? this.#read(register) : this.#write(register, BigInt.asUintN(64, value));
  }

  // --- the life of an instruction ---

  fetch(hi: number, lo: number, state: ExecutionState, shadowed = false): DebugException | undefined {
    if (state.resume || (shadowed && this.#suppresses)) return undefined;
    let matched = 0;
    for (let register = 0; register < X86_DEBUG_REGISTERS; register++) {
      if (this.#conditions(register) !== CONDITION_FETCH) continue;
      if (this.#lo[register] === (lo | 0) && this.#hi[register] === (hi | 0)) matched |= 1 << register;
    }
    if (!this.#anyEnabled(matched)) return undefined;
    // What the instruction before it has held back is lost with the fault.
    this.#matched = 0;
    this.#report(matched);
    return DB_FAULT;
  }

  access(part: FilterPart, hi: number, lo: number, size: number, _state?: ExecutionState): undefined {
    const condition = part === FILTER_READ ? CONDITION_READ : part === FILTER_PORT ? CONDITION_PORT : CONDITION_WRITE;
    let matched = 0;
    for (let register = 0; register < X86_DEBUG_REGISTERS; register++) {
      if ((this.#conditions(register) & condition) === 0) continue;
      const ignored = this.#ignored(register);
      const base = (this.#lo[register] as number) & ~ignored;
      const length = (ignored >>> 0) + 1;
      if (rangesOverlap(hi, lo, size, this.#hi[register] as number, base, length)) matched |= 1 << register;
    }
    if (this.#anyEnabled(matched)) this.#matched |= matched;
    return undefined;
  }

  retire(state: ExecutionState): DebugException | undefined {
    const matched = this.#matched;
    if (matched === 0 && !state.singleStep) return undefined;
    this.#matched = 0;
    this.#report(matched | (state.singleStep ? DR6_BS : 0));
    return DB_TRAP;
  }

  discard(): void {
    this.#matched = 0;
  }

  reset(): void {
    this.#hi.fill(0);
    this.#lo.fill(0);
    this.#mask.fill(0);
    this.#dr6 = DR6_RESET | 0;
    this.#dr7 = DR7_FIXED_1;
    this.#matched = 0;
    for (let register = 0; register < X86_DEBUG_REGISTERS; register++) this.filter.disarm(this.#first + register);
  }

  // --- private ---

  #read(register: number): bigint {
    if (register < X86_DEBUG_REGISTERS) return this.address(register);
    return BigInt(register === 6 ? this.status : this.control);
  }

  #write(register: number, value: bigint): ControlResult {
    if (register < X86_DEBUG_REGISTERS) {
      this.setAddress(register, highHalf(value), lowHalf(value));
      return value;
    }
    if (value > 0xffff_ffffn) return 'value';
    if (register === 6) this.setStatus(Number(value));
    else this.setControl(Number(value));
    return value;
  }

  #anyEnabled(matched: number): boolean {
    for (let register = 0; register < X86_DEBUG_REGISTERS; register++) {
      if ((matched & (1 << register)) !== 0 && enablesOf(this.#dr7, register) !== 0) return true;
    }
    return false;
  }

  /** Writes the status of an exception that is being delivered. */
  #report(bits: number): void {
    let reported = bits;
    if (!this.#spurious) {
      for (let register = 0; register < X86_DEBUG_REGISTERS; register++) {
        if (enablesOf(this.#dr7, register) === 0) reported &= ~(1 << register);
      }
    }
    this.#dr6 = (this.#dr6 & this.#kept) | reported;
    this.#dr7 &= ~DR7_GD;
  }

  /** What a register's field makes it watch for, whether it is enabled or not. */
  #conditions(register: number): number {
    const conditions = CONDITIONS[(this.#dr7 >>> (16 + 4 * register)) & 0xf] as number;
    return conditions === PORT && !this.#extensions ? NEVER : conditions;
  }

  /** Low address bits that a data register does not compare: those inside its block. */
  #ignored(register: number): number {
    return (BLOCKS[(this.#dr7 >>> (18 + 4 * register)) & 3] as number) || (this.#mask[register] as number);
  }

  /** The filter follows what a register is enabled for. */
  #arm(register: number): void {
    if (((this.#dr7 >>> (2 * register)) & 3) === 0) {
      this.filter.disarm(this.#first + register);
      return;
    }
    const field = (this.#dr7 >>> (16 + 4 * register)) & 0xf;
    const ignored =
      (field & 3) === RW_EXECUTE ? 0 : (BLOCKS[field >>> 2] as number) || (this.#mask[register] as number);
    const base = (this.#lo[register] as number) & ~ignored;
    this.filter.arm(
      this.#first + register,
      this.#conditions(register),
      this.#hi[register] as number,
      base,
      (ignored >>> 0) + 1,
    );
  }
}
