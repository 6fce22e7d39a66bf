import { type Defect, defectsOf } from './defect.js';

const unit = defectsOf('silicon/ppc64-debug-unit.ts', [
  ['every kind of access matches', '(watch.conditions & condition) === 0 || ', ''],
  ['the silicon does not look at the mode', '|| (watch.privileges & privilege) === 0) continue;', ') continue;'],
  [
    'kernel and hypervisor are exchanged',
    'kernel: PRIVILEGE_KERNEL,\n  hypervisor: PRIVILEGE_HYPERVISOR,',
    'kernel: PRIVILEGE_HYPERVISOR,\n  hypervisor: PRIVILEGE_KERNEL,',
  ],
  [
    'the second register never matches',
    'for (const watch of this.#watches) {',
    'for (const watch of this.#watches.slice(0, 1)) {',
  ],
  [
    'an address that differs in the high half is not written',
    'this.#hi[register] === (hi | 0) && this.#lo[register] === (lo | 0);\n    if (same',
    'this.#lo[register] === (lo | 0);\n    if (same',
  ],
  [
    'a register with the same address is not written',
    'if (same && this.#control[register] === control) return;',
    'if (same) return;',
  ],
  [
    'the filter has the first doubleword only',
    'watch.hi, watch.lo, watch.length);\n  }',
    'watch.hi, watch.lo, 8);\n  }',
  ],
  [
    'a reset leaves the second register',
    'register < this.layouts.length; register++) this.setWatch',
    'register < 1; register++) this.setWatch',
  ],
  ['a reset does not reach the filter', 'this.setWatch(register, 0, 0, 0);', 'this.#watches[register] = NOTHING;'],
  ['a port is taken for a store', 'part === FILTER_WRITE ? CONDITION_WRITE : 0;', 'CONDITION_WRITE;'],
  [
    'the high half is not compared',
    'if (!rangesOverlap(hi, lo, size, watch',
    'if (!rangesOverlap(watch.hi, lo, size, watch',
  ],
  ['an access is its first byte', 'if (!rangesOverlap(hi, lo, size, watch', 'if (!rangesOverlap(hi, lo, 1, watch'],
  [
    'no trace interrupt where something was watched',
    'return state.singleStep || matched ? TRACE : undefined;',
    'return (state.singleStep && this.#dsisr === 0) || matched ? TRACE : undefined;',
  ],
  ['a match is forgotten in DSISR', 'this.#dsisr = DSISR_DABRMATCH |', 'this.#dsisr ='],
]);

const layouts = [
  ...defectsOf('silicon/dawr.ts', [
    ['MRD is the number of doublewords', '& MRD_MASK) + 1) * 8', '& MRD_MASK) || 1) * 8'],
    ['MRD has 5 bits', 'const MRD_MASK = 0x3f;', 'const MRD_MASK = 0x1f;'],
    [
      'every range ends at a multiple of 512',
      'length: crosses ? length : Math.min(length, room)',
      'length: Math.min(length, room)',
    ],
    [
      'the bits of loads and stores are exchanged',
      '(control & DAWRX_DR ? CONDITION_READ : 0) | (control & DAWRX_DW ? CONDITION_WRITE : 0)',
      '(control & DAWRX_DR ? CONDITION_WRITE : 0) | (control & DAWRX_DW ? CONDITION_READ : 0)',
    ],
    ['hypervisor mode is never watched', '((type >> 3) & 7) | (mrd', '((type >> 3) & 3) | (mrd'],
    ['the kernel is always watched', '((type >> 3) & 7) | (mrd', '((type >> 3) & 7) | 2 | (mrd'],
    [
      'addresses keep their bits 0 to 2',
      'return { hi, lo: lo & ~7, control };',
      'return { hi, lo: lo & ~3, control };',
    ],
  ]),
  ...defectsOf('silicon/dabr.ts', [
    ['DABR watches words', 'length: 8, conditions', 'length: 4, conditions'],
    ['DABR loses its type', '| (type & 7), control', '| (type & 6), control'],
    ['DABRX is never written', 'control: (type >> 3) & 7 }', 'control: 7 }'],
  ]),
];

const driver = defectsOf('driver/ppc64-driver.ts', [
  [
    'a register is disarmed as register 0',
    'this.#write(register, layout, NOTHING);',
    'this.#write(0, layout, NOTHING);',
  ],
  ['a mute leaves the registers armed', 'super.silence();', ''],
  ['what was changed while muted is not written', 'super.flush();', 'if (!this.active) super.flush();'],
  [
    'only CIABR makes it active',
    'this.#ciabr.address !== undefined || super.active',
    'this.#ciabr.address !== undefined',
  ],
  [
    'the unit is the one that it began with',
    'return this.#holder.unit as Ppc64Silicon;',
    'this.kept ??= this.#holder.unit;\n    return this.kept;',
  ],
  [
    'both registers have the layout of the first',
    'const layout = layoutsOf(this.unit, this.#facts)[register];\n    if (layout !== undefined)',
    'const layout = layoutsOf(this.unit, this.#facts)[register];\n    if (layout !== undefined && register === 0)',
  ],
  ['a register that was dropped stays so', 'this.#dropped.delete(register);', 'this.#dropped.add(register);'],
]);

const parse = defectsOf('driver/parse.ts', [
  ['a length of 0 passes', 'if (asked === 0n) throw', 'if (asked < 0n) throw'],
  ['other bits of bp_type pass', '(bp_type & ~HW_BREAKPOINT_RW) !== 0 &&', '(bp_type & 4) !== 0 &&'],
  ['the last bytes are refused', 'address + length > SPACE', 'address + length >= SPACE'],
  ['a range wraps around', 'if (!cut && address + length > SPACE)', 'if (!cut && address > SPACE)'],
  ['a range that ends at a multiple of 512 is refused', '(end - 1n) >> BOUNDARY_SHIFT', 'end >> BOUNDARY_SHIFT'],
  ['a range may cross multiples of 512', 'longest > 8n && !model.crosses &&', 'longest < 8n && !model.crosses &&'],
  ['only the bytes that were asked for are counted', 'if (hwLength > longest)', 'if (length > longest)'],
  ['one doubleword too many passes', 'if (hwLength > longest)', 'if (hwLength > longest + 8n)'],
  ['the longest range is refused', 'if (hwLength > longest)', 'if (hwLength >= longest && longest > 8n)'],
  [
    'the kernel is judged by the first byte',
    'address >= KERNEL_START || address + length > KERNEL_START',
    'address >= KERNEL_START',
  ],
  [
    'what ends where the kernel begins is the kernel’s',
    'address + length > KERNEL_START',
    'address + length >= KERNEL_START',
  ],
  [
    'user and kernel are exchanged',
    '(attr.exclude_user === true ? 0 : HW_BRK_TYPE_USER) |',
    '(attr.exclude_kernel === true ? 0 : HW_BRK_TYPE_USER) |',
  ],
  [
    'a length is 16 bits',
    'const length = cut ? BigInt.asUintN(16, asked) : asked;',
    'const length = BigInt.asUintN(16, asked);',
  ],
  [
    'a length is 32 bits',
    'const length = cut ? BigInt.asUintN(16, asked) : asked;',
    'const length = BigInt.asUintN(32, asked);',
  ],
  [
    'a register covers what was asked for, rounded down',
    'hwLength: Number(hwLength)',
    'hwLength: Math.max(8, Number(length & ~7n))',
  ],
  ['exclude_hv is not looked at', '(attr.exclude_hv === true ? 0 : HW_BRK_TYPE_HYP)', 'HW_BRK_TYPE_HYP'],
  ['the length is that of the doublewords', 'length: Number(length),', 'length: Number(hwLength),'],
]);

const match = defectsOf('driver/match.ts', [
  ['a port is taken for memory', "access.space === 'port' || ", ''],
  [
    'loads and stores are exchanged',
    "const loads = kind !== 'write' && (type & HW_BRK_TYPE_READ)",
    "const loads = kind !== 'read' && (type & HW_BRK_TYPE_READ)",
  ],
  ['an access that ends in front counts', 'address + BigInt(size) > start', 'address + BigInt(size) >= start'],
  ['an access right behind counts', 'return address < end &&', 'return address <= end &&'],
  [
    'only the first access is looked at',
    'for (const access of accesses) {',
    'for (const access of accesses.slice(0, 1)) {',
  ],
]);

const port = defectsOf('driver/ppc64-port.ts', [
  ['bytes that were not asked for count', "extraneous: match !== 'hit' || !wanted", 'extraneous: !wanted'],
  [
    'a mode that was excluded counts beside another hit',
    "extraneous: match !== 'hit' || !wanted",
    "extraneous: match !== 'hit'",
  ],
  ['those that were told at once are told again', "!all && delivery === 'after'", '!all'],
  [
    'those that want it after are not told beside a debugger',
    'cpu.completeDisarmed(new Completion(later));',
    'cpu.completeDisarmed(new Completion([]));',
  ],
  ['a restart completes', 'else if (restart !== true && (armed', 'else if ((armed'],
  [
    'an extraneous hit of a debugger comes for ever',
    '(armed.length > 0 || later.length > 0)',
    '(first.some(({ extraneous }) => !extraneous) || later.length > 0)',
  ],
  [
    'a completion is that of the latest fault',
    'if (!(completion instanceof Completion) || completion.hits.length === 0) return;',
    'if (!(completion instanceof Completion) || Ppc64Port.last.hits.length === 0) return;\n    completion = Ppc64Port.last;',
  ],
  [
    'whoever is in a register at the completion is told',
    '{ hits: record.data.hits } : undefined',
    '{ hits: this.driver(record.cpu).occupants.filter((one) => one !== undefined && record.data.hits.length > 0) } : undefined',
  ],
  [
    'a step is signalled as a hit',
    'this.#sigtrap(task, SI_CODES.TRAP_TRACE, cpu.context.pc)',
    'this.#sigtrap(task, SI_CODES.TRAP_BRKPT, cpu.context.pc)',
  ],
  [
    'a step in the kernel is a signal',
    "else if (cpu.context.mode === 'user') this",
    'else if (task !== undefined) this',
  ],
  [
    'only the first of several is completed',
    '  return matched.filter(({ extraneous }) => !extraneous).map(({ occupant }) => occupant);',
    '  return matched.filter(({ extraneous }) => !extraneous).map(({ occupant }) => occupant).slice(0, 1);',
  ],
  [
    'a match is completed in user mode only',
    'record.cpu.completeDisarmed(new Completion(asked(matched)));',
    "if (record.cpu.context.mode === 'user') record.cpu.completeDisarmed(new Completion(asked(matched)));\n    else record.cpu.completeDisarmed(new Completion([]));",
  ],
  ['a match consumes no status', 'record.status &= ~DSISR_DABRMATCH;', ''],
]).map((defect) =>
  defect.name !== 'a completion is that of the latest fault'
    ? defect
    : {
        ...defect,
        changes: [
          ...defect.changes,
          [
            'readonly hits: readonly Guest[];\n\n  constructor(hits: readonly Guest[]) {',
            'readonly hits: readonly Guest[];\n\n  constructor(hits: readonly Guest[]) {\n    Ppc64Port.last = this;',
          ],
          ['{ completion }: Completed): void {', '{ completion: own }: Completed): void {\n    let completion = own;'],
        ] as const,
      },
);

/** What somebody may get wrong in a backend whose silicon reports before the access. */
export const ppc64Defects: readonly Defect[] = [...unit, ...layouts, ...driver, ...parse, ...match, ...port];
