import {
  type Access,
  type Cpu,
  type DecodedInstruction,
  FILTER_FETCH,
  FILTER_MASK,
  FILTER_READ,
  FILTER_WRITE,
  joinHalves,
} from '@hwbp/core';
import { LINE_LOAD, LINE_STORE, type LineKind } from './lackey-line.js';

/** Numbers kept for each access: kind, hi, lo, size. */
const STRIDE = 4;
/** Most accesses that one instruction may make: a trace beyond it is none, and must not fill the memory. */
export const MOST_ACCESSES = 65_536;

/** An instruction taken out of the text: because something may match, or because its lines are spread over chunks. */
export class LackeyInstruction implements DecodedInstruction {
  pcHi = 0;
  pcLo = 0;
  /** Bytes. */
  length = 0;
  #accesses = new Int32Array(16 * STRIDE);
  #count = 0;

  /** Begins another instruction. */
  begin(hi: number, lo: number, length: number): void {
    this.pcHi = hi;
    this.pcLo = lo;
    this.length = length;
    this.#count = 0;
  }

  /** Adds an access. False if there are too many. */
  add(kind: LineKind, hi: number, lo: number, size: number): boolean {
    if (this.#count === MOST_ACCESSES) return false;
    const at = this.#count++ * STRIDE;
    if (at === this.#accesses.length) {
      const grown = new Int32Array(2 * at);
      grown.set(this.#accesses);
      this.#accesses = grown;
    }
    this.#accesses[at] = kind;
    this.#accesses[at + 1] = hi;
    this.#accesses[at + 2] = lo;
    this.#accesses[at + 3] = size;
    return true;
  }

  /** Its address. */
  get pc(): bigint {
    return joinHalves(this.pcHi, this.pcLo);
  }

  /** True if it makes any accesses. */
  get touches(): boolean {
    return this.#count > 0;
  }

  /** True if `hi`, `lo` and `length` are this instruction's. */
  is(hi: number, lo: number, length: number): boolean {
    return this.pcHi === hi && this.pcLo === lo && this.length === length;
  }

  /**
   * True if an access looks like the first one of the iteration behind this one: string instructions go on by the size
   * of what they access, in either direction.
   */
  stepsTo(kind: LineKind, hi: number, lo: number, size: number): boolean {
    if (this.#count === 0 || this.#accesses[0] !== kind || this.#accesses[3] !== size) return false;
    const step = BigInt.asIntN(64, joinHalves(hi, lo) - joinHalves(this.#accesses[1] ?? 0, this.#accesses[2] ?? 0));
    return step === BigInt(size) || step === -BigInt(size);
  }

  /** True if this may be the iteration behind `previous`, or what ended it: the same instruction, without accesses. */
  continues(previous: LackeyInstruction): boolean {
    if (!previous.touches || !previous.is(this.pcHi, this.pcLo, this.length)) return false;
    if (this.#count === 0) return true;
    const [kind, hi = 0, lo = 0, size = 0] = this.#accesses;
    return previous.stepsTo(kind as LineKind, hi, lo, size);
  }

  /** Its accesses, for exception handlers. */
  get accesses(): readonly Access[] {
    return Array.from({ length: this.#count }, (_, i) => {
      const [kind, hi = 0, lo = 0, size = 0] = this.#accesses.subarray(i * STRIDE, (i + 1) * STRIDE);
      const address = joinHalves(hi, lo);
      return { kind: kind === LINE_LOAD ? 'read' : kind === LINE_STORE ? 'write' : 'readwrite', address, size };
    });
  }

  /**
   * Executes it, the one behind the first `retired` of this run; execution goes on at `nextHi`, `nextLo`. `fetched`: it
   * is an iteration that is not fetched again. `repeats`: another iteration follows. False: an exception was taken
   * before it, or before one of its accesses, and it must be executed again. Handlers see the time at which that
   * happened.
   */
  execute(
    cpu: Cpu,
    retired: number,
    nextHi: number,
    nextLo: number,
    { fetched, repeats }: { readonly fetched: boolean; readonly repeats: boolean },
  ): boolean {
    const { filter } = cpu.unit;
    const { pcHi, pcLo } = this;
    cpu.account(retired);
    cpu.begin(pcHi, pcLo, this);
    const fetch = filter.table[FILTER_FETCH | ((pcLo >>> 3) & FILTER_MASK)] !== 0;
    if (!fetched && (fetch || cpu.careful) && !cpu.checkFetch()) return false;
    for (let at = 0; at < this.#count * STRIDE; at += STRIDE) {
      const kind = this.#accesses[at];
      const hi = this.#accesses[at + 1] as number;
      const lo = this.#accesses[at + 2] as number;
      const size = this.#accesses[at + 3] as number;
      const loads = kind !== LINE_STORE && filter.test(FILTER_READ, lo, size);
      if (loads && !cpu.checkAccess(FILTER_READ, hi, lo, size)) return false;
      const stores = kind !== LINE_LOAD && filter.test(FILTER_WRITE, lo, size);
      if (stores && !cpu.checkAccess(FILTER_WRITE, hi, lo, size)) return false;
    }
    cpu.account(retired + 1);
    cpu.retire(nextHi, nextLo, false, repeats);
    return true;
  }
}
