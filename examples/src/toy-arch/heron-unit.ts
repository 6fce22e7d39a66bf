import {
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

/*
 * The debug registers of the Heron, a chip that nobody has built.
 *
 * | register         | what                                                                          |
 * | ---------------- | ----------------------------------------------------------------------------- |
 * | WATCH0, WATCH1   | first address, length (1 to 16 bytes), and what to watch: 1 loads, 2 stores    |
 * | TRAP             | address of an instruction                                                     |
 * | CAUSE            | bits 0, 1: the watch matched; bit 2: TRAP matched; bit 3: single step         |
 *
 * Watches interrupt after the instruction, once for all that matched; TRAP interrupts before it.
 */

export const WATCHES = 2;
/** Number of TRAP: data registers come first. */
const TRAP = 2;
export const REGISTERS = 3;
export const CAUSE_STEP = 8;

const AFTER = debugException('watch', 'after');
const BEFORE = debugException('trap', 'before');

/** What a register is set to. */
export interface Setting {
  readonly lo: number;
  readonly length: number;
  readonly conditions: number;
}

export class HeronUnit implements DebugUnit {
  readonly filter = new WatchFilter();
  /** The filter's number of WATCH0: others may stand in the same filter, such as a debugger's software breakpoints. */
  readonly #first = this.filter.allot(REGISTERS);
  /** CAUSE of the latest exception. */
  cause = 0;
  readonly #settings: (Setting | undefined)[] = new Array(REGISTERS).fill(undefined);
  #matched = 0;

  get pending(): boolean {
    return this.#matched !== 0;
  }

  /** Writes a register; `undefined` switches it off. */
  set(register: number, setting: Setting | undefined): void {
    this.#settings[register] = setting;
    if (setting === undefined) this.filter.disarm(this.#first + register);
    else this.filter.arm(this.#first + register, setting.conditions, 0, setting.lo, setting.length);
  }

  fetch(hi: number, lo: number, state: ExecutionState): DebugException | undefined {
    const trap = this.#settings[TRAP];
    if (state.resume || hi !== 0 || trap?.lo !== (lo | 0)) return undefined;
    this.cause = 1 << TRAP;
    return BEFORE;
  }

  access(part: FilterPart, hi: number, lo: number, size: number): undefined {
    const condition = part === FILTER_READ ? CONDITION_READ : part === FILTER_WRITE ? CONDITION_WRITE : 0;
    for (let register = 0; register < WATCHES; register++) {
      const setting = this.#settings[register];
      if (setting === undefined || (setting.conditions & condition) === 0) continue;
      if (rangesOverlap(hi, lo, size, 0, setting.lo, setting.length)) this.#matched |= 1 << register;
    }
  }

  retire(state: ExecutionState): DebugException | undefined {
    this.cause = this.#matched | (state.singleStep ? CAUSE_STEP : 0);
    this.#matched = 0;
    return this.cause === 0 ? undefined : AFTER;
  }

  /** The Heron's kernel has no instruction that a program could reach these registers by. */
  move(): undefined {}

  discard(): void {
    this.#matched = 0;
  }

  reset(): void {
    for (let register = 0; register <= TRAP; register++) this.set(register, undefined);
    this.#matched = 0;
    this.cause = 0;
  }
}
