import {
  CONDITION_FETCH,
  CONDITION_READ,
  CONDITION_WRITE,
  type ControlAccess,
  type ControlResult,
  type DebugException,
  type DebugUnit,
  debugException,
  type ExecutionState,
  FILTER_READ,
  FILTER_WRITE,
  type FilterPart,
  joinHalves,
  WatchFilter,
} from '@hwbp/core';
import { configOf, type Riscv64Config, type Riscv64Options } from '../options.js';
import {
  CSR,
  HIT_AFTER,
  HIT_BEFORE,
  ICOUNT_COUNT_1,
  ICOUNT_HIT_SHIFT,
  MPTE,
  MTE,
  type TriggerCsrs,
  TYPE_DISABLED,
  TYPE_ICOUNT,
  TYPE_MCONTROL,
  TYPE_MCONTROL6,
  TYPE_SHIFT,
} from './csr.js';
import { MODE_M, MODE_S, MODE_U, MODE_VS, MODE_VU, Trigger } from './trigger.js';

/** Cause 3. */
const BEFORE = debugException('breakpoint', 'before');
const AFTER = debugException('breakpoint', 'after');

/** The numbers of the CSRs, by the names that instructions have for them. */
const CSR_NAMES = new Map(Object.entries(CSR).map(([name, number]) => [name.toLowerCase(), number]));

const VERSION_1_0 = 1n << 24n;

/**
 * The Trigger Module of one hart (Sdtrig 1.0): address triggers, and behind them one that counts a single instruction,
 * which is how software steps without an external debugger.
 */
export class Riscv64DebugUnit implements DebugUnit, TriggerCsrs {
  readonly filter = new WatchFilter();
  /** The filter's number of trigger 0. */
  readonly #first: number;
  /** V: what the machine calls user and kernel is VU and VS. */
  virtualized = false;
  readonly #triggers: readonly Trigger[];
  readonly #config: Riscv64Config;
  #tselect = 0;
  #tcontrol = 0n;
  #scontext = 0n;
  #mcontext = 0n;
  #icountHit = false;
  /** Triggers that matched and are reported when the instruction retires: a bit for each. */
  #matched = 0;
  #stvalHi = 0;
  #stvalLo = 0;

  constructor(config: Riscv64Config) {
    this.#config = config;
    this.#first = this.filter.allot(config.triggers);
    this.#triggers = Array.from({ length: config.triggers }, (_, index) => new Trigger(index, config));
  }

  /** A unit of its own, for CPUs of others. */
  static of(options: Riscv64Options = {}): Riscv64DebugUnit {
    return new Riscv64DebugUnit(configOf(options));
  }

  get triggers(): number {
    return this.#triggers.length;
  }

  get stval(): bigint {
    return joinHalves(this.#stvalHi, this.#stvalLo);
  }

  get pending(): boolean {
    return this.#matched !== 0;
  }

  fetch(hi: number, lo: number, state: ExecutionState): DebugException | undefined {
    if (state.resume) return undefined;
    return this.#fire(this.#match(CONDITION_FETCH, hi, lo, 1, state), hi, lo);
  }

  access(part: FilterPart, hi: number, lo: number, size: number, state: ExecutionState): DebugException | undefined {
    if (part !== FILTER_READ && part !== FILTER_WRITE) return undefined;
    const matched = this.#match(part === FILTER_READ ? CONDITION_READ : CONDITION_WRITE, hi, lo, size, state);
    if (this.#config.dataTiming === 'before' || matched === 0) return this.#fire(matched, hi, lo);
    if (this.#matched === 0) this.#remember(hi, lo);
    this.#matched |= matched;
    return undefined;
  }

  retire(state: ExecutionState): DebugException | undefined {
    if (this.#matched === 0 && !state.singleStep) return undefined;
    if (this.#matched === 0) this.#remember(0, 0);
    this.#hit(this.#matched, HIT_AFTER);
    this.#matched = 0;
    this.#icountHit ||= state.singleStep;
    return AFTER;
  }

  /** csrr and csrw: the trigger CSRs are machine mode's, but for scontext. */
  move({ register, value }: ControlAccess, { mode }: ExecutionState): ControlResult | undefined {
    const csr = CSR_NAMES.get(register);
    if (csr === undefined) return undefined;
    if (mode !== 'hypervisor' && (csr !== CSR.SCONTEXT || mode === 'user')) return 'privilege';
    if (value !== undefined) this.writeCsr(csr, BigInt.asUintN(64, value));
    return this.readCsr(csr) ?? 'undefined';
  }

  discard(): void {
    this.#matched = 0;
  }

  reset(): void {
    for (const trigger of this.#triggers) {
      trigger.tdata1 = 0n;
      trigger.tdata2 = 0n;
      trigger.setTdata3(0n, 0n, 0n);
      this.#arm(trigger);
    }
    this.#tselect = 0;
    this.#tcontrol = 0n;
    this.#scontext = 0n;
    this.#mcontext = 0n;
    this.#icountHit = false;
    this.#matched = 0;
    this.#remember(0, 0);
  }

  readCsr(csr: number): bigint | undefined {
    const trigger = this.#triggers[this.#tselect];
    switch (csr) {
      case CSR.TSELECT:
        return BigInt(this.#tselect);
      case CSR.TDATA1:
        return trigger?.tdata1 ?? this.#icount;
      case CSR.TDATA2:
        return trigger?.tdata2 ?? 0n;
      case CSR.TDATA3:
        return trigger?.tdata3 ?? 0n;
      case CSR.TINFO: {
        const type = this.#config.triggerType === 'mcontrol6' ? TYPE_MCONTROL6 : TYPE_MCONTROL;
        return VERSION_1_0 | (1n << BigInt(trigger === undefined ? TYPE_ICOUNT : type)) | (1n << BigInt(TYPE_DISABLED));
      }
      case CSR.TCONTROL:
        return this.#tcontrol;
      case CSR.SCONTEXT:
        return this.#scontext;
      case CSR.MCONTEXT:
        return this.#mcontext;
      default:
        return undefined;
    }
  }

  writeCsr(csr: number, value: bigint): boolean {
    const trigger = this.#triggers[this.#tselect];
    switch (csr) {
      case CSR.TSELECT:
        if (value <= BigInt(this.#triggers.length)) this.#tselect = Number(value);
        return true;
      case CSR.TDATA1:
        if (trigger === undefined) {
          if (!(value & (1n << ICOUNT_HIT_SHIFT))) this.#icountHit = false;
          return true;
        }
        trigger.tdata1 = value;
        this.#arm(trigger);
        return true;
      case CSR.TDATA2:
        if (trigger === undefined) return true;
        trigger.tdata2 = value;
        this.#arm(trigger);
        return true;
      case CSR.TDATA3:
        trigger?.setTdata3(value, this.#scontext, this.#mcontext);
        return true;
      case CSR.TINFO:
        return true;
      case CSR.TCONTROL:
        this.#tcontrol = value & (MTE | MPTE);
        return true;
      case CSR.SCONTEXT:
        // 32 bits since 1.0 of the specification.
        this.#scontext = value & 0xffff_ffffn;
        break;
      case CSR.MCONTEXT:
        this.#mcontext = value & ((1n << 13n) - 1n);
        break;
      default:
        return false;
    }
    for (const each of this.#triggers) each.compareContext(this.#scontext, this.#mcontext);
    return true;
  }

  /** tdata1 of the trigger that counts: always one instruction, in the modes in which the kernel steps. */
  get #icount(): bigint {
    return (BigInt(TYPE_ICOUNT) << TYPE_SHIFT) | ICOUNT_COUNT_1 | ((this.#icountHit ? 1n : 0n) << ICOUNT_HIT_SHIFT);
  }

  #arm(trigger: Trigger): void {
    trigger.arm(this.filter, this.#first + trigger.index);
  }

  #fire(matched: number, hi: number, lo: number): DebugException | undefined {
    if (matched === 0) return undefined;
    this.#hit(matched, HIT_BEFORE);
    this.#remember(hi, lo);
    return BEFORE;
  }

  #remember(hi: number, lo: number): void {
    this.#stvalHi = hi;
    this.#stvalLo = lo;
  }

  #hit(matched: number, how: number): void {
    if (!this.#config.hitBits) return;
    for (let index = 0; index < this.#triggers.length; index++) {
      if (matched & (1 << index)) (this.#triggers[index] as Trigger).hit = how;
    }
  }

  /** Which triggers fire: those that match, and chains all of whose triggers do (the last of the chain fires). */
  #match(condition: number, hi: number, lo: number, size: number, state: ExecutionState): number {
    const mode = this.#mode(state);
    if (mode === MODE_M && (this.#tcontrol & MTE) === 0n) return 0;
    let fired = 0;
    let chained = true;
    for (let index = 0; index < this.#triggers.length; index++) {
      const trigger = this.#triggers[index] as Trigger;
      const matches: boolean = chained && trigger.matches(condition, mode, hi, lo, size);
      if (matches && !trigger.chain) fired |= 1 << index;
      chained = trigger.chain ? matches : true;
    }
    return fired;
  }

  #mode({ mode }: ExecutionState): number {
    if (mode === 'user') return this.virtualized ? MODE_VU : MODE_U;
    if (mode === 'kernel') return this.virtualized ? MODE_VS : MODE_S;
    return this.virtualized ? MODE_S : MODE_M;
  }
}
