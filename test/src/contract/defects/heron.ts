import { type Defect, defectsOf } from './defect.js';

/** What somebody may get wrong in the Heron. */
export const heronDefects: readonly Defect[] = [
  ...defectsOf('heron-unit.ts', [
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
  ]),
  ...defectsOf('heron.ts', [
    ['the first byte has 32 bits, not the last', 'asked === 0n || last > LAST', 'asked === 0n || address > LAST'],
    ['the last byte is refused', 'asked === 0n || last > LAST', 'asked === 0n || last >= LAST'],
    [
      'other bits of bp_type pass',
      'bp_type === 0 || (bp_type & ~HW_BREAKPOINT_RW) !== 0',
      'bp_type === 0 || bp_type === 7 || (bp_type & HW_BREAKPOINT_RW) === 0',
    ],
    ['a length is 8 bits', 'const asked = BigInt(bp_len);', 'const asked = BigInt(bp_len) & 0xffn;'],
    ['a length is 16 bits', 'const asked = BigInt(bp_len);', 'const asked = BigInt(bp_len) & 0xffffn;'],
    ['a length is 32 bits', 'const asked = BigInt(bp_len);', 'const asked = BigInt.asUintN(32, BigInt(bp_len));'],
    ['one byte too many passes', 'if (asked > BigInt(LONGEST))', 'if (asked > BigInt(LONGEST) + 1n)'],
    ['the kernel is judged by the first byte', 'kernelSpace: last >= TASK_SIZE', 'kernelSpace: address >= TASK_SIZE'],
    ['execution is never in the kernel', 'kernelSpace: address >= TASK_SIZE', 'kernelSpace: false'],
    [
      'loads and stores are stores',
      '(bp_type & HW_BREAKPOINT_R ? CONDITION_READ : 0)',
      '(bp_type === HW_BREAKPOINT_R ? CONDITION_READ : 0)',
    ],
    ['execution watches what was asked for', 'length: 1, kernelSpace', 'length: 4, kernelSpace'],
  ]),
  ...defectsOf('heron-driver.ts', [
    [
      'watches are exchanged',
      'this.unit.set(register, setting);',
      'this.unit.set(register === TRAP ? TRAP : 1 - register, setting);',
    ],
    [
      'TRAP is never disarmed',
      'this.unit.set(register, undefined);',
      'if (register !== TRAP) this.unit.set(register, undefined);',
    ],
  ]),
  ...defectsOf('heron-port.ts', [
    [
      'a data hit sets the resume flag too',
      'if (register === TRAP) record.cpu.context.resume = true;',
      'record.cpu.context.resume = true;',
    ],
    ['the resume flag is never set', 'if (register === TRAP) record.cpu.context.resume = true;', ''],
    [
      'the status of a free register ends the search',
      'if (occupant === undefined || (record.status & (1 << register)) === 0) return false;',
      'if (occupant === undefined) record.status &= 8;\n      if (occupant === undefined || (record.status & (1 << register)) === 0) return false;',
    ],
    [
      'a step in the kernel is a signal',
      "verdict === NOTIFY_DONE && cpu.context.mode === 'user'",
      'verdict === NOTIFY_DONE',
    ],
    ['everything is a software breakpoint', 'si_code: SI_CODES.TRAP_HWBKPT', 'si_code: SI_CODES.TRAP_BRKPT'],
    ['a step hides in a hit', 'return record.status === 0 ? NOTIFY_STOP : NOTIFY_DONE;', 'return NOTIFY_STOP;'],
    [
      'the task of the exception is nobody',
      'task: this.current(cpu), exception, status }',
      'task: undefined, exception, status }',
    ],
  ]),
];
