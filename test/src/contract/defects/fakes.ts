import { type Defect, defectsOf } from './defect.js';

const unit = defectsOf('fake-debug-unit.ts', [
  [
    'a fetch does not compare the high half',
    'this.#match(CONDITION_FETCH, hi, lo, 1)',
    'this.#match(CONDITION_FETCH, 0, lo, 1)',
  ],
  ['a fetch is a word', 'this.#match(CONDITION_FETCH, hi, lo, 1)', 'this.#match(CONDITION_FETCH, hi, lo, 4)'],
  [
    'the status of execution adds up',
    'this.status = matched;\n    return FAULT;\n  }\n\n  access',
    'this.status |= matched;\n    return FAULT;\n  }\n\n  access',
  ],
  [
    'the status of accesses adds up',
    'return undefined;\n    }\n    this.status = matched;',
    'return undefined;\n    }\n    this.status |= matched;',
  ],
  ['a later access replaces an earlier one', 'this.#matched |= matched;', 'this.#matched = matched;'],
  [
    'a hit hides the step',
    'this.#matched | (state.singleStep ? FAKE_STEP : 0)',
    'this.#matched || (state.singleStep ? FAKE_STEP : 0)',
  ],
  ['a report leaves it pending', 'this.#matched = 0;\n    return this.status === 0', 'return this.status === 0'],
  [
    'a discard forgets one register',
    'discard(): void {\n    this.#matched = 0;',
    'discard(): void {\n    this.#matched &= this.#matched - 1;',
  ],
  [
    'a reset leaves register 0',
    'for (let register = 0; register < this.#registers.length; register++) this.program',
    'for (let register = 1; register < this.#registers.length; register++) this.program',
  ],
  ['a reset leaves what was matched', 'this.#matched = 0;\n    this.status = 0;', 'this.status = 0;'],
  ['ports and fetches are stores', 'if (part !== FILTER_READ && part !== FILTER_WRITE) return undefined;', ''],
  ['the filter has the high half of nobody', 'value.conditions, value.hi, value.lo', 'value.conditions, 0, value.lo'],
  ['the filter is one byte short', 'value.lo, value.watched);', 'value.lo, Math.max(1, value.watched - 1));'],
  [
    'the highest register never matches',
    'if (value === undefined || (',
    'if (value === undefined || register === this.#registers.length - 1 || (',
  ],
  [
    'execution does not look at the resume flag of the kernel',
    'if (state.resume) return undefined;',
    "if (state.resume && state.mode === 'user') return undefined;",
  ],
  ['16 status bits', 'matched |= 1 << register;', 'matched |= 1 << (register & 15);'],
]);

const parse = defectsOf('fake-breakpoint.ts', [
  ['a range wraps around', 'last < address || last >> 64n !== 0n', 'last < address'],
  ['the last byte is refused', 'last >> 64n !== 0n', '(last + 1n) >> 64n !== 0n'],
  ['bits above execution pass', ' || bp_type > HW_BREAKPOINT_X', ''],
  ['the kernel is judged by the first byte', 'last >= manifest.taskSize', 'address >= manifest.taskSize'],
  ['the kernel begins one byte late', 'last >= manifest.taskSize', 'last > manifest.taskSize'],
  ['the kernel begins one byte early', 'last >= manifest.taskSize', 'last + 1n >= manifest.taskSize'],
  [
    'an execute length is 32 bits',
    'if (Number(length) !== manifest.executeLength)',
    'if (Number(BigInt.asUintN(32, length)) !== manifest.executeLength)',
  ],
  [
    'a length is 16 bits',
    'manifest.dataLengths.includes(Number(length))',
    'manifest.dataLengths.includes(Number(length & 0xffffn))',
  ],
  ['half of the length is enough of an alignment', 'address % length !== 0n', 'address % ((length + 1n) / 2n) !== 0n'],
  [
    'the end of a block is another block',
    'address / block !== last / block',
    'address / block !== (last + 1n) / block',
  ],
  ['a block begins with what was asked for', 'const first = address - (address % block);', 'const first = address;'],
  [
    'stores are loads and stores',
    '(bp_type & HW_BREAKPOINT_R ? CONDITION_READ : 0)',
    '(bp_type & HW_BREAKPOINT_RW ? CONDITION_READ : 0)',
  ],
  [
    'the length is that of the block',
    'length: Number(length), kernelSpace, conditions }',
    'length: Math.max(Number(length), manifest.alignment === "granule" ? manifest.granule : 0), kernelSpace, conditions }',
  ],
]).map((defect) => ({
  ...defect,
  changes: defect.changes.map(([from, to]) => [from, to.replace('HW_BREAKPOINT_RW', '3')] as const),
}));

const driver = defectsOf('fake-driver.ts', [
  [
    'the last register is never disarmed',
    'this.unit.program(register, undefined);',
    'if (register === 0 || register < this.occupants.length - 1) this.unit.program(register, undefined);',
  ],
  [
    'arming disarms the one before',
    'this.unit.program(register, info);',
    'if (register > 1) this.unit.program(register - 1, undefined);\n    this.unit.program(register, info);',
  ],
  [
    'the unit is the one that it began with',
    'return this.#holder.unit as FakeDebugUnit;',
    'this.kept ??= this.#holder.unit;\n    return this.kept;',
  ],
]);

const port = defectsOf('fake-port.ts', [
  ['an access that ends in front counts', 'at + BigInt(size) > address', 'at + BigInt(size) >= address'],
  [
    'a data hit sets the resume flag too',
    'if (execute) record.cpu.context.resume = true;',
    'record.cpu.context.resume = true;',
  ],
  [
    'the resume flag is set in user mode only',
    'if (execute) record.cpu.context.resume = true;',
    "if (execute && record.cpu.context.mode === 'user') record.cpu.context.resume = true;",
  ],
  ['those that were told at once are told again', "real.filter(({ delivery }) => delivery === 'after')", 'real'],
  ['a restart completes', 'if (restart === true) cpu.context.completion = undefined;', ''],
  [
    'bits of free registers are taken',
    'if (occupant === undefined || (record.status & (1 << register)) === 0) return false;\n      record.status &= ~(1 << register);',
    'record.status &= ~(1 << register);\n      if (occupant === undefined) return false;',
  ],
  ['a step in the kernel is a signal', "if (record.cpu.context.mode !== 'user') return;", ''],
  ['a step is signalled as a software breakpoint', 'SI_CODES.TRAP_TRACE', 'SI_CODES.TRAP_BRKPT'],
  ['a step says where it came from', 'si_addr: record.cpu.context.pc', 'si_addr: record.cpu.pc'],
  ['kinds are not looked at', 'return (loads || stores) &&', 'return'],
  [
    'the first match is the only one',
    'if (hits.length === 0) return undefined;',
    'if (hits.length === 0) return undefined;\n    hits.length = 1;',
  ],
  ['a step hides in a hit', 'return status === 0 ? NOTIFY_STOP : NOTIFY_DONE;', 'return NOTIFY_STOP;'],
  [
    'whoever is in the register at the completion is told',
    'record.data instanceof Completion ? record.data.hits : []',
    'record.data instanceof Completion ? this.driver(record.cpu).occupants.filter((one) => one !== undefined && record.data.hits.length > 0) : []',
  ],
  ['software breakpoints are nobody’s', "if (record.event === 'breakpoint') super.finish(record, verdict);", ''],
]);

/** What somebody may get wrong in the fakes. */
export const fakeDefects: readonly Defect[] = [...unit, ...parse, ...driver, ...port];
