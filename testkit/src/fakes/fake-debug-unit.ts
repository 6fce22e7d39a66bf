import {
  type ArchManifest,
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

/** The bits of the high half that chips with ignored top bits compare. */
const comparedHigh = (ignoredTopBits: number): number => (ignoredTopBits === 0 ? -1 : 2 ** (32 - ignoredTopBits) - 1);

/**
 * The silicon of the fakes: any number of registers, and what a manifest says of timing, comparison, steps and the
 * resume flag.
 */
export class FakeDebugUnit implements DebugUnit {
  readonly filter = new WatchFilter();
  /** The filter's number of register 0. */
  readonly #first: number;
  /** What the last exception was about: a bit for each register, and {@link FAKE_STEP}. */
  status = 0;
  readonly #manifest: ArchManifest;
  readonly #compared: number;
  readonly #registers: (FakeBreakpoint | undefined)[];
  #matched = 0;

  constructor(registers: number, manifest: ArchManifest) {
    this.#first = this.filter.allot(registers);
    this.#registers = new Array(registers).fill(undefined);
    this.#manifest = manifest;
    this.#compared = comparedHigh(manifest.ignoredTopBits);
  }

  get pending(): boolean {
    return this.#matched !== 0;
  }

  /** Writes a register; `undefined` disarms it. */
  program(register: number, value: FakeBreakpoint | undefined): void {
    this.#registers[register] = value;
    if (value === undefined) this.filter.disarm(this.#first + register);
    else {
      const { hi, lo, length } = value.watched;
      this.filter.arm(this.#first + register, value.conditions, hi, lo, length);
    }
  }

  fetch(hi: number, lo: number, state: ExecutionState): DebugException | undefined {
    const { resumeFlag, timing } = this.#manifest;
    if (state.resume && resumeFlag) return undefined;
    return this.#report(this.#match(CONDITION_FETCH, hi, lo, 1), timing.execute);
  }

  access(part: FilterPart, hi: number, lo: number, size: number): DebugException | undefined {
    if (part !== FILTER_READ && part !== FILTER_WRITE) return undefined;
    const { timing, compares } = this.#manifest;
    const condition = part === FILTER_READ ? CONDITION_READ : CONDITION_WRITE;
    const when = part === FILTER_WRITE ? (timing.stores ?? timing.data) : timing.data;
    return this.#report(this.#match(condition, hi, lo, compares === 'lowest' ? 1 : size), when);
  }

  retire(state: ExecutionState): DebugException | undefined {
    this.status = this.#matched | (state.singleStep && this.#manifest.singleStep ? FAKE_STEP : 0);
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

  #report(matched: number, when: 'before' | 'after'): DebugException | undefined {
    if (matched === 0) return undefined;
    if (when === 'after') {
      this.#matched |= matched;
      return undefined;
    }
    this.status = matched;
    return FAULT;
  }

  #match(condition: number, hi: number, lo: number, size: number): number {
    let matched = 0;
    this.#registers.forEach((value, register) => {
      if (value === undefined || (value.conditions & condition) === 0) return;
      const { watched } = value;
      const mask = this.#compared;
      if (rangesOverlap(hi & mask, lo, size, watched.hi & mask, watched.lo, watched.length)) matched |= 1 << register;
    });
    return matched;
  }
}
