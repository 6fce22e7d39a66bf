import { type Defect, defectsOf } from './defect.js';

/** What somebody may get wrong in the silicon and the encoding of the fakes. */
export const fakeDefects: readonly Defect[] = [
  ...defectsOf('backend/fake-debug-unit.ts', [
    [
      'a fetch does not compare the high half',
      'this.#match(CONDITION_FETCH, hi, lo, 1)',
      'this.#match(CONDITION_FETCH, 0, lo, 1)',
      'silicon/halves-of-either-sign',
    ],
    [
      'a fetch is a word',
      'this.#match(CONDITION_FETCH, hi, lo, 1)',
      'this.#match(CONDITION_FETCH, hi, lo, 4)',
      'silicon/execute-matches-the-first-byte-only',
    ],
    [
      'the status adds up',
      'this.status = matched;\n    return FAULT;',
      'this.status |= matched;\n    return FAULT;',
      'together/an-execute-hit-right-behind-a-data-hit',
    ],
    [
      'a later access replaces an earlier one',
      'this.#matched |= matched;',
      'this.#matched = matched;',
      'together/all-accesses-of-an-instruction-in-one-exception',
    ],
    [
      'a hit hides the step',
      'this.#matched | (state.singleStep &&',
      'this.#matched || (state.singleStep &&',
      'together/a-step-is-seen-behind-a-hit',
    ],
    [
      'a report leaves it pending',
      'this.#matched = 0;\n    return this.status === 0',
      'return this.status === 0',
      'driver/what-is-accepted-is-watched',
    ],
    [
      'a discard forgets one register',
      'discard(): void {\n    this.#matched = 0;',
      'discard(): void {\n    this.#matched &= this.#matched - 1;',
      'silicon/discard-forgets-every-register',
    ],
    [
      'a reset leaves register 0',
      'for (let register = 0; register < this.#registers.length; register++) this.program',
      'for (let register = 1; register < this.#registers.length; register++) this.program',
      'silicon/reset-disarms-every-register',
    ],
    [
      'a reset leaves what was matched',
      'this.#matched = 0;\n    this.status = 0;',
      'this.status = 0;',
      'silicon/reset-disarms',
    ],
    [
      'ports and fetches are stores',
      'if (part !== FILTER_READ && part !== FILTER_WRITE) return undefined;',
      '',
      'silicon/ports-are-not-memory',
    ],
    [
      'the filter has no high half',
      'value.conditions, hi, lo, length',
      'value.conditions, 0, lo, length',
      'silicon/halves-of-either-sign',
    ],
    [
      'the filter is one byte short',
      'value.conditions, hi, lo, length',
      'value.conditions, hi, lo, Math.max(1, length - 1)',
      'driver/what-is-accepted-is-watched',
    ],
    [
      'the highest register never matches',
      'if (value === undefined || (',
      'if (value === undefined || register === this.#registers.length - 1 || (',
      'driver/listed-conditions-are-accepted-and-hit',
    ],
    [
      'the kernel has no resume flag',
      'if (state.resume && resumeFlag)',
      "if (state.resume && resumeFlag && state.mode === 'user')",
      'silicon/resume-suppresses-an-execute-fault',
    ],
    ['16 status bits', 'matched |= 1 << register;', 'matched |= 1 << (register & 15);', 'together/delivers-a-hit-once'],
  ]),
  ...defectsOf('backend/fake-breakpoint.ts', [
    [
      'a block begins with what was asked for',
      'const first = parsed.address - (parsed.address % block);',
      'const first = parsed.address;',
      'silicon/hits-if-any-byte-is-shared',
    ],
    [
      'a block ends with what was asked for',
      'const length = Number(behind - (behind % block) - first);',
      'const length = Number(parsed.address + BigInt(parsed.length) - first);',
      'silicon/hits-if-any-byte-is-shared',
    ],
    [
      'the low half loses its sign bit',
      'lo: lowHalf(first)',
      'lo: lowHalf(first) & 0x7fffffff',
      'silicon/halves-of-either-sign',
    ],
  ]),
  ...defectsOf('backend/fake-driver.ts', [
    [
      'registers are written one too high',
      'unit.program(register, info)',
      'unit.program(register + 1 < registers ? register + 1 : 0, info)',
      'together/delivers-a-hit-once',
    ],
  ]),
];
