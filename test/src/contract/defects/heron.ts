import { type Defect, defectsOf } from './defect.js';

/** What somebody may get wrong in the Heron. */
export const heronDefects: readonly Defect[] = [
  ...defectsOf('backend/heron-unit.ts', [
    ['a fetch takes the low half as signed only', 'trap?.lo !== (lo | 0)', 'trap?.lo !== lo'],
    ['a fetch compares words', 'trap?.lo !== (lo | 0)', 'trap === undefined || (trap.lo & ~3) !== (lo & ~3)'],
    [
      'the second watch never matches',
      'for (let register = 0; register < WATCHES; register++) {',
      'for (let register = 0; register < 1; register++) {',
    ],
    ['a reset leaves TRAP', 'register <= TRAP; register++) this.set', 'register < TRAP; register++) this.set'],
    ['a port is taken for a store', 'part === FILTER_WRITE ? CONDITION_WRITE : 0;', 'CONDITION_WRITE;'],
    [
      'the last byte does not match',
      'rangesOverlap(hi, lo, size, 0, setting.lo, setting.length)',
      'rangesOverlap(hi, lo, size, 0, setting.lo, setting.length - 1 || 1)',
    ],
    ['the cause of accesses adds up', 'this.cause = this.#matched |', 'this.cause |= this.#matched |'],
    ['the filter knows 8 bytes', 'setting.lo, setting.length);\n  }', 'setting.lo, Math.min(8, setting.length));\n  }'],
    [
      'a discard forgets one register',
      'discard(): void {\n    this.#matched = 0;',
      'discard(): void {\n    this.#matched &= this.#matched - 1;',
    ],
    [
      'a step is not reported with a hit',
      '| (state.singleStep ? CAUSE_STEP : 0)',
      '| (state.singleStep && this.#matched === 0 ? CAUSE_STEP : 0)',
    ],
    [
      'a register that is cleared stays in the filter',
      'if (setting === undefined) this.filter.disarm(this.#first + register);',
      'if (setting === undefined) return;',
    ],
  ]),
  ...defectsOf('backend/heron.ts', [
    [
      'watches are exchanged',
      'unit.set(register, info)',
      'unit.set(register < WATCHES ? 1 - register : register, info)',
    ],
    [
      'TRAP is never disarmed',
      'unit.set(register, info)',
      '(info === undefined && register === WATCHES) || unit.set(register, info)',
    ],
    [
      'the bytes are watched backwards',
      'unit.set(register, info)',
      'unit.set(register, info && { ...info, lo: info.lo - info.length + 1 })',
    ],
  ]),
];
