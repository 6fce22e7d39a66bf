import {
  CONDITION_FETCH,
  CONDITION_READ,
  CONDITION_WRITE,
  type DebugException,
  type DebugUnit,
  debugException,
  type ExecutionState,
  FILTER_READ,
  FILTER_WRITE,
  type FilterPart,
  rangesOverlap,
  WatchFilter,
} from '@hwbp/core';
import type { FakeBreakpoint } from './fake-breakpoint.js';

/** Status bit of a single step; the bits below are those of the registers. */
export const FAKE_STEP = 1 << 30;

const FAULT = debugException('fake', 'before');
const TRAP = debugException('fake', 'after');

/** The silicon of the fakes: any number of registers, data hits reported before or after the instruction. */
export class FakeDebugUnit implements DebugUnit {
  readonly filter = new WatchFilter();
  /** The filter's number of register 0. */
  readonly #first: number;
  /** What the last exception was about: a bit for each register, and {@link FAKE_STEP}. */
  status = 0;
  readonly #timing: 'before' | 'after';
  readonly #registers: (FakeBreakpoint | undefined)[];
  #matched = 0;

  constructor(registers: number, timing: 'before' | 'after') {
    this.#first = this.filter.allot(registers);
    this.#registers = new Array(registers).fill(undefined);
    this.#timing = timing;
  }

  get pending(): boolean {
    return this.#matched !== 0;
  }

  /** Writes a register; `undefined` disarms it. */
  program(register: number, value: FakeBreakpoint | undefined): void {
    this.#registers[register] = value;
    if (value === undefined) this.filter.disarm(this.#first + register);
    else this.filter.arm(this.#first + register, value.conditions, value.hi, value.lo, value.watched);
  }

  fetch(hi: number, lo: number, state: ExecutionState): DebugException | undefined {
    if (state.resume) return undefined;
    const matched = this.#match(CONDITION_FETCH, hi, lo, 1);
    if (matched === 0) return undefined;
    this.status = matched;
    return FAULT;
  }

  access(part: FilterPart, hi: number, lo: number, size: number): DebugException | undefined {
    if (part !== FILTER_READ && part !== FILTER_WRITE) return undefined;
    const matched = this.#match(part === FILTER_READ ? CONDITION_READ : CONDITION_WRITE, hi, lo, size);
    if (matched === 0) return undefined;
    if (this.#timing === 'after') {
      this.#matched |= matched;
      return undefined;
    }
    this.status = matched;
    return FAULT;
  }

  retire(state: ExecutionState): DebugException | undefined {
    this.status = this.#matched | (state.singleStep ? FAKE_STEP : 0);
    this.#matched = 0;
    return this.status === 0 ? undefined : TRAP;
  }

  move(): undefined {}

  discard(): void {
    this.#matched = 0;
  }

  reset(): void {
    for (let register = 0; register < this.#registers.length; register++) this.program(register, undefined);
    this.#matched = 0;
    this.status = 0;
  }

  #match(condition: number, hi: number, lo: number, size: number): number {
    let matched = 0;
    this.#registers.forEach((value, register) => {
      if (value === undefined || (value.conditions & condition) === 0) return;
      if (rangesOverlap(hi, lo, size, value.hi, value.lo, value.watched)) matched |= 1 << register;
    });
    return matched;
  }
}
