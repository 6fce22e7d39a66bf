import { type Defect, defectsOf } from './defect.js';

/** What somebody may get wrong in DR0 to DR7. */
export const x86SiliconDefects: readonly Defect[] = defectsOf('silicon/x86-debug-unit.ts', [
  [
    'a fetch does not compare the high half',
    'if (this.#lo[register] === (lo | 0) && this.#hi[register] === (hi | 0)) matched |= 1 << register;',
    'if (this.#lo[register] === (lo | 0)) matched |= 1 << register;',
  ],
  [
    'a fetch takes the low half as signed only',
    'if (this.#lo[register] === (lo | 0) && this.#hi[register] === (hi | 0)) matched |= 1 << register;',
    'if (this.#lo[register] === lo && this.#hi[register] === (hi | 0)) matched |= 1 << register;',
  ],
  [
    'a fetch takes the high half as signed only',
    'if (this.#lo[register] === (lo | 0) && this.#hi[register] === (hi | 0)) matched |= 1 << register;',
    'if (this.#lo[register] === (lo | 0) && this.#hi[register] === hi) matched |= 1 << register;',
  ],
  [
    'a fetch does not compare bit 31',
    'if (this.#lo[register] === (lo | 0) && this.#hi[register] === (hi | 0)) matched |= 1 << register;',
    'if ((((this.#lo[register] ?? 0) ^ lo) & 0x7fffffff) === 0 && this.#hi[register] === (hi | 0)) matched |= 1 << register;',
  ],
  [
    'execution is reported as bit 0, whatever the register',
    'if (this.#lo[register] === (lo | 0) && this.#hi[register] === (hi | 0)) matched |= 1 << register;',
    'if (this.#lo[register] === (lo | 0) && this.#hi[register] === (hi | 0)) matched |= 1;',
  ],
  [
    'execution faults in registers that are not enabled',
    'if (!this.#anyEnabled(matched)) return undefined;',
    'if (matched === 0) return undefined;',
  ],
  ['a port is taken for a store', 'part === FILTER_PORT ? CONDITION_PORT : CONDITION_WRITE', 'CONDITION_WRITE'],
  [
    'the last byte of a block does not match',
    'const length = (ignored >>> 0) + 1;',
    'const length = (ignored >>> 0) || 1;',
  ],
  ['a block goes on for one byte', 'const length = (ignored >>> 0) + 1;', 'const length = (ignored >>> 0) + 2;'],
  [
    'an address mask is not looked at',
    '|| (this.#mask[register] as number);\n  }\n\n  /** The filter',
    '|| 0;\n  }\n\n  /** The filter',
  ],
  ['a later access replaces an earlier one', 'this.#matched |= matched;', 'this.#matched = matched;'],
  [
    'a register that is not enabled matches',
    'if (this.#anyEnabled(matched)) this.#matched |= matched;',
    'this.#matched |= matched;',
  ],
  [
    'a step keeps what was matched',
    'this.#matched = 0;\n    this.#report(matched | (state',
    'if (!state.singleStep) this.#matched = 0;\n    this.#report(matched | (state',
  ],
  [
    'a hit hides the step in DR6',
    'this.#report(matched | (state.singleStep ? DR6_BS : 0))',
    'this.#report(matched || (state.singleStep ? DR6_BS : 0))',
  ],
  [
    'a discard forgets one register',
    'discard(): void {\n    this.#matched = 0;',
    'discard(): void {\n    this.#matched &= this.#matched - 1;',
  ],
  ['DR7 survives a reset', 'this.#dr7 = DR7_FIXED_1;\n    this.#matched', 'this.#matched'],
  [
    'a reset leaves the last register in the filter',
    'for (let register = 0; register < X86_DEBUG_REGISTERS; register++) this.filter.disarm',
    'for (let register = 0; register < 3; register++) this.filter.disarm',
  ],
  ['register 3 follows L3 only', '(changed & 0xf000_00c0)', '(changed & 0xf000_0040)'],
  ['register 2 does not follow its length', '(changed & 0x0f00_0030)', '(changed & 0x0300_0030)'],
  [
    'an address that differs in the high half is not written',
    'if (this.#lo[register] === (lo | 0) && this.#hi[register] === (hi | 0)) return;',
    'if (this.#lo[register] === (lo | 0)) return;',
  ],
  [
    'an address that differs in the low half is not written',
    'if (this.#lo[register] === (lo | 0) && this.#hi[register] === (hi | 0)) return;',
    'if (this.#hi[register] === (hi | 0) && this.#hi[register] !== 0) return;',
  ],
  [
    'the filter does not follow an address',
    'this.#lo[register] = lo;\n    if (enablesOf(this.#dr7, register) !== 0) this.#arm(register);',
    'this.#lo[register] = lo;',
  ],
  [
    'the filter does not follow a mask',
    'this.#mask[register] = mask;\n    if (enablesOf(this.#dr7, register) !== 0) this.#arm(register);',
    'this.#mask[register] = mask;',
  ],
  ['the filter misses the last byte', '(ignored >>> 0) + 1,', '(ignored >>> 0) || 1,'],
  [
    'the filter has the high half of register 0',
    'this.#hi[register] as number,\n      base,',
    'this.#hi[0] as number,\n      base,',
  ],
  ['loads and stores are loads', 'return CONDITION_READ | CONDITION_WRITE;', 'return CONDITION_READ;'],
  [
    'register 0 does not count as enabled',
    '#anyEnabled(matched: number): boolean {\n    for (let register = 0;',
    '#anyEnabled(matched: number): boolean {\n    for (let register = 1;',
  ],
  [
    'the high half is that of register 0',
    'rangesOverlap(hi, lo, size, this.#hi[register] as number, base, length)',
    'rangesOverlap(hi, lo, size, this.#hi[0] as number, base, length)',
  ],
  [
    'an access is its first 8 bytes',
    'rangesOverlap(hi, lo, size, this',
    'rangesOverlap(hi, lo, Math.min(size, 8), this',
  ],
  [
    'the bits of registers 2 and 3 are those of 0 and 1',
    'base, length)) matched |= 1 << register;',
    'base, length)) matched |= 1 << (register & 1);',
  ],
  ['register 0 is never pending', 'return this.#matched !== 0;', 'return this.#matched > 1;'],
  [
    'a register for execution watches stores too',
    'if ((this.#conditions(register) & condition) === 0) continue;',
    'if ((this.#conditions(register) & (condition | (condition & CONDITION_WRITE ? CONDITION_FETCH : 0))) === 0) continue;',
  ],
]);
