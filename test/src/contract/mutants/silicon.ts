import { X86DebugUnit } from '@hwbp/arch-x86';
import {
  type DebugException,
  type ExecutionState,
  type FilterPart,
  highHalf,
  joinHalves,
  WatchFilter,
} from '@hwbp/core';
import { type Mutant, unitMutant } from './mutant.js';

const REGISTERS = [0, 1, 2, 3];

/** The block that a register watches is reduced to its first byte's address. */
class ExactAddress extends X86DebugUnit {
  override access(part: FilterPart, hi: number, lo: number, size: number): undefined {
    if (REGISTERS.some((register) => this.address(register) === joinHalves(hi, lo))) super.access(part, hi, lo, size);
  }
}

/** LEN 2 is taken for four bytes and LEN 3 for eight, as their order suggests. */
class SwappedLengths extends X86DebugUnit {
  override setControl(value: number): void {
    let swapped = value;
    for (const register of REGISTERS) {
      const shift = 18 + 4 * register;
      if (((value >>> shift) & 2) !== 0) swapped ^= 1 << shift;
    }
    super.setControl(swapped >>> 0);
  }
}

class ReportsTwice extends X86DebugUnit {
  #last: [FilterPart, number, number, number] | undefined;

  override access(part: FilterPart, hi: number, lo: number, size: number): undefined {
    super.access(part, hi, lo, size);
    if (this.pending) this.#last = [part, hi, lo, size];
  }

  override retire(state: ExecutionState): DebugException | undefined {
    const raised = super.retire(state);
    if (this.#last !== undefined) super.access(...this.#last);
    this.#last = undefined;
    return raised;
  }
}

/** Only the last access of an instruction is reported. */
class ForgetsEarlierAccesses extends X86DebugUnit {
  override access(part: FilterPart, hi: number, lo: number, size: number): undefined {
    this.discard();
    super.access(part, hi, lo, size);
  }
}

/** Everybody who asks for numbers gets those that the unit's registers have. */
class TakesNumbersThatOthersHave extends X86DebugUnit {
  constructor() {
    super(
      {},
      new (class extends WatchFilter {
        override allot(): number {
          return 0;
        }
      })(),
    );
  }
}

class IgnoresHighHalf extends X86DebugUnit {
  override access(part: FilterPart, _hi: number, lo: number, size: number): undefined {
    super.access(part, highHalf(this.address(0)), lo, size);
  }
}

class IgnoresResume extends X86DebugUnit {
  override fetch(hi: number, lo: number, state: ExecutionState): DebugException | undefined {
    return super.fetch(hi, lo, { mode: state.mode, singleStep: state.singleStep, resume: false });
  }
}

class NeverDiscards extends X86DebugUnit {
  override discard(): void {}
}

class NeverResets extends X86DebugUnit {
  override reset(): void {}
}

/** Arms for the last byte only: a subset. */
class LateFilter extends WatchFilter {
  override arm(register: number, conditions: number, hi: number, lo: number, length: number): void {
    super.arm(register, conditions, hi, (lo + length - 1) | 0, 1);
  }
}

class NarrowFilter extends X86DebugUnit {
  constructor() {
    super({}, new LateFilter());
  }
}

class LastingFilter extends WatchFilter {
  override disarm(): void {}
}

class NeverDisarmsFilter extends X86DebugUnit {
  constructor() {
    super({}, new LastingFilter());
  }
}

/** Single step is left to somebody else. */
class NeverSteps extends X86DebugUnit {
  override retire(state: ExecutionState): DebugException | undefined {
    return super.retire({ mode: state.mode, singleStep: false, resume: state.resume });
  }
}

export const siliconMutants: readonly Mutant[] = [
  unitMutant(
    'silicon: only an access of the very address matches',
    ['silicon/hits-if-any-byte-is-shared'],
    ExactAddress,
  ),
  unitMutant(
    'silicon: the codes of 4 and 8 bytes are exchanged',
    ['silicon/hits-if-any-byte-is-shared'],
    SwappedLengths,
  ),
  unitMutant(
    'silicon: arms under numbers that the filter has given to somebody else',
    ['driver/others-may-stand-in-the-filter'],
    TakesNumbersThatOthersHave,
  ),
  unitMutant('silicon: a hit is reported again with the next instruction', ['silicon/reports-once'], ReportsTwice),
  unitMutant(
    'silicon: only the last access of an instruction is reported',
    ['together/all-accesses-of-an-instruction-in-one-exception'],
    ForgetsEarlierAccesses,
  ),
  unitMutant(
    'silicon: the high half of an address is not compared',
    ['silicon/compares-all-address-bits'],
    IgnoresHighHalf,
  ),
  unitMutant('silicon: the resume flag is ignored', ['silicon/resume-suppresses-an-execute-fault'], IgnoresResume),
  unitMutant('silicon: an abandoned instruction is reported', ['silicon/discard-forgets'], NeverDiscards),
  unitMutant('silicon: a reset leaves registers armed', ['silicon/reset-disarms'], NeverResets),
  unitMutant(
    'silicon: the filter knows the last watched byte only',
    ['silicon/filter-never-hides-a-hit'],
    NarrowFilter,
  ),
  unitMutant(
    'silicon: the filter is never disarmed',
    ['silicon/filter-is-empty-when-nothing-is-armed'],
    NeverDisarmsFilter,
  ),
  unitMutant('silicon: no trap after a single step', ['silicon/single-step-traps-after-each-instruction'], NeverSteps),
];
