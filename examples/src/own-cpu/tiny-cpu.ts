import {
  type DebugException,
  type DebugUnit,
  type ExecutionState,
  FILTER_FETCH,
  FILTER_MASK,
  FILTER_READ,
  FILTER_WRITE,
} from '@hwbp/core';

/*
 * Somebody's emulator: 64 KiB of memory, four registers, instructions of four bytes (opcode, register, 16-bit operand).
 * It knows nothing of kernels. What it needs for hardware breakpoints are the lines marked [hwbp].
 */
export const HALT = 0;
/** r = operand */
export const SET = 1;
/** r = the 32 bits at operand */
export const LOAD = 2;
/** the 32 bits at operand = r */
export const STORE = 3;
/** r += operand */
export const ADD = 4;
/** Goes to operand as long as --r is not 0. */
export const LOOP = 5;

/** Four bytes of machine code for each instruction. */
export type TinyInstruction = readonly [opcode: number, register: number, operand: number];

/** It is its own `ExecutionState`: what the debug unit may ask about the CPU that it sits in. */
export class TinyCpu implements ExecutionState {
  readonly memory = new DataView(new ArrayBuffer(0x10000));
  readonly registers = new Int32Array(4);
  pc = 0;
  halted = false;
  readonly mode = 'user';
  /** Set it, and the unit traps after each instruction (if it is one that can). */
  singleStep = false;
  /** Set it in the handler of an execute breakpoint, so that the instruction can go on: x86 calls it RF. */
  resume = false;
  /** Called when the unit raises an exception. */
  onException: (exception: DebugException) => void = () => {};
  readonly #unit: DebugUnit;

  constructor(unit: DebugUnit, program: readonly TinyInstruction[]) {
    this.#unit = unit;
    program.forEach(([opcode, register, operand], i) => {
      this.memory.setUint16(4 * i, opcode | (register << 8), true);
      this.memory.setUint16(4 * i + 2, operand, true);
    });
  }

  /** Executes up to `budget` instructions. An exception handler may call it, to step over something. */
  run(budget = Number.POSITIVE_INFINITY): void {
    const { memory, registers: r } = this;
    const unit = this.#unit;
    const { filter } = unit;
    for (let left = budget; left > 0 && !this.halted; left--) {
      const pc = this.pc;
      // [hwbp] Almost always one lookup and no call. Never keep `filter.table` in a variable: arming may replace it.
      if (filter.table[FILTER_FETCH | ((pc >>> 3) & FILTER_MASK)] !== 0 && this.#stops(unit.fetch(0, pc, this)))
        continue;
      const [opcode, n, at] = [memory.getUint8(pc), memory.getUint8(pc + 1), memory.getUint16(pc + 2, true)];
      // [hwbp] Ask before the access is made. A unit that faults before it says so here, and nothing happens.
      if (opcode === LOAD && filter.table[FILTER_READ | ((at >>> 3) & FILTER_MASK)] !== 0) {
        if (this.#stops(unit.access(FILTER_READ, 0, at, 4, this))) continue;
      } else if (opcode === STORE && filter.table[FILTER_WRITE | ((at >>> 3) & FILTER_MASK)] !== 0) {
        if (this.#stops(unit.access(FILTER_WRITE, 0, at, 4, this))) continue;
      }
      const value = r[n] ?? 0;
      this.pc = pc + 4;
      if (opcode === SET) r[n] = at;
      else if (opcode === LOAD) r[n] = memory.getInt32(at, true);
      else if (opcode === STORE) memory.setInt32(at, value, true);
      else if (opcode === ADD) r[n] = value + at;
      else if (opcode === LOOP) r[n] = value - 1;
      else this.halted = true;
      if (opcode === LOOP && value > 1) this.pc = at;
      this.resume = false;
      // [hwbp] A unit that traps after the access, or single-steps, does it here: once, with everything that matched.
      if (unit.pending || this.singleStep) this.#stops(unit.retire(this));
    }
  }

  /** [hwbp] The one call when something hits. True: an exception came before the instruction, which has to wait. */
  #stops(exception: DebugException | undefined): boolean {
    if (exception === undefined) return false;
    this.onException(exception);
    return exception.timing === 'before';
  }
}

const COUNTER = 0x108;

/** Adds 5 to the counter, three times. The store is the instruction at 0x0c. */
export const PROGRAM: readonly TinyInstruction[] = [
  [SET, 0, 3],
  [LOAD, 1, COUNTER],
  [ADD, 1, 5],
  [STORE, 1, COUNTER],
  [LOOP, 0, 4],
  [HALT, 0, 0],
];

/** Where {@link PROGRAM} counts. */
export const COUNTER_ADDRESS = BigInt(COUNTER);
