import { type Defect, defectsOf } from './defect.js';

/** What somebody may get wrong in the Heron. */
export const heronDefects: readonly Defect[] = [
  ...defectsOf('backend/heron-unit.ts', [
    [
      'a fetch takes the low half as signed only',
      'trap?.lo !== (lo | 0)',
      'trap?.lo !== lo',
      'silicon/halves-of-either-sign',
    ],
    [
      'a fetch compares words',
      'trap?.lo !== (lo | 0)',
      'trap === undefined || (trap.lo & ~3) !== (lo & ~3)',
      'silicon/a-fetch-compares-all-address-bits',
    ],
    [
      'the second watch never matches',
      'for (let register = 0; register < WATCHES; register++) {',
      'for (let register = 0; register < 1; register++) {',
      'driver/listed-conditions-are-accepted-and-hit',
    ],
    [
      'a reset leaves TRAP',
      'register <= TRAP; register++) this.set',
      'register < TRAP; register++) this.set',
      'silicon/reset-disarms-every-register',
    ],
    [
      'a port is taken for a store',
      'part === FILTER_WRITE ? CONDITION_WRITE : 0;',
      'CONDITION_WRITE;',
      'silicon/ports-are-not-memory',
    ],
    [
      'the last byte does not match',
      'rangesOverlap(hi, lo, size, 0, setting.lo, setting.length)',
      'rangesOverlap(hi, lo, size, 0, setting.lo, setting.length - 1 || 1)',
      'driver/what-is-accepted-is-watched',
    ],
    [
      'the cause of accesses adds up',
      'this.cause = this.#matched |',
      'this.cause |= this.#matched |',
      'together/execute-and-data-hit-of-one-instruction',
    ],
    [
      'the filter knows 8 bytes',
      'setting.lo, setting.length);\n  }',
      'setting.lo, Math.min(8, setting.length));\n  }',
      'driver/what-is-accepted-is-watched',
    ],
    [
      'a discard forgets one register',
      'discard(): void {\n    this.#matched = 0;',
      'discard(): void {\n    this.#matched &= this.#matched - 1;',
      'silicon/discard-forgets-every-register',
    ],
    [
      'a step is not reported with a hit',
      '| (state.singleStep ? CAUSE_STEP : 0)',
      '| (state.singleStep && this.#matched === 0 ? CAUSE_STEP : 0)',
      'together/a-step-is-seen-behind-a-hit',
    ],
    [
      'a register that is cleared stays in the filter',
      'if (setting === undefined) this.filter.disarm(this.#first + register);',
      'if (setting === undefined) return;',
      'silicon/reset-disarms-every-register',
    ],
  ]),
  ...defectsOf('backend/heron.ts', [
    [
      'watches are exchanged',
      'unit.set(register, info)',
      'unit.set(register < WATCHES ? 1 - register : register, info)',
      'together/delivers-a-hit-once',
    ],
    [
      'TRAP is never disarmed',
      'unit.set(register, info)',
      '(info === undefined && register === WATCHES) || unit.set(register, info)',
      'silicon/filter-is-empty-when-nothing-is-armed',
    ],
    [
      'the bytes are watched backwards',
      'unit.set(register, info)',
      'unit.set(register, info && { ...info, lo: info.lo - info.length + 1 })',
      'driver/what-is-accepted-is-watched',
    ],
  ]),
];
