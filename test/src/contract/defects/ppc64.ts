import { type Defect, defectsOf } from './defect.js';

const unit = defectsOf('backend/silicon/ppc64-debug-unit.ts', [
  ['every kind of access matches', '(watch.conditions & condition) === 0 || ', '', 'silicon/ports-are-not-memory'],
  [
    'the silicon does not look at the mode',
    '|| (watch.privileges & privilege) === 0) continue;',
    ') continue;',
    'silicon/hits-in-the-modes-that-are-asked-for',
  ],
  [
    'kernel and hypervisor are exchanged',
    'kernel: PRIVILEGE_KERNEL,\n  hypervisor: PRIVILEGE_HYPERVISOR,',
    'kernel: PRIVILEGE_HYPERVISOR,\n  hypervisor: PRIVILEGE_KERNEL,',
    'silicon/hits-in-the-modes-that-are-asked-for',
  ],
  [
    'the second register never matches',
    'for (const watch of this.#watches) {',
    'for (const watch of this.#watches.slice(0, 1)) {',
    'driver/listed-conditions-are-accepted-and-hit',
  ],
  [
    'an address that differs in the high half is not written',
    'this.#hi[register] === (hi | 0) && this.#lo[register] === (lo | 0);\n    if (same',
    'this.#lo[register] === (lo | 0);\n    if (same',
    'driver/a-register-takes-any-condition-behind-any-other',
  ],
  [
    'a register with the same address is not written',
    'if (same && this.#control[register] === control) return;',
    'if (same) return;',
    'silicon/both-ends-of-the-address-space',
  ],
  [
    'the filter has the first doubleword only',
    'watch.hi, watch.lo, watch.length);\n  }',
    'watch.hi, watch.lo, 8);\n  }',
    'driver/what-is-accepted-is-watched',
  ],
  [
    'a reset leaves the second register',
    'register < this.layouts.length; register++) this.setWatch',
    'register < 1; register++) this.setWatch',
    'silicon/reset-disarms-every-register',
  ],
  [
    'a reset does not reach the filter',
    'this.setWatch(register, 0, 0, 0);',
    'this.#watches[register] = NOTHING;',
    'silicon/reset-disarms-every-register',
  ],
  [
    'a port is taken for a store',
    'part === FILTER_WRITE ? CONDITION_WRITE : 0;',
    'CONDITION_WRITE;',
    'silicon/ports-are-not-memory',
  ],
  [
    'the high half is not compared',
    'if (!rangesOverlap(hi, lo, size, watch',
    'if (!rangesOverlap(watch.hi, lo, size, watch',
    'silicon/compares-all-address-bits',
  ],
  [
    'an access is its first byte',
    'if (!rangesOverlap(hi, lo, size, watch',
    'if (!rangesOverlap(hi, lo, 1, watch',
    'silicon/hits-if-any-byte-is-shared',
  ],
  [
    'no trace interrupt where something was watched',
    'return state.singleStep || matched ? TRACE : undefined;',
    'return (state.singleStep && this.#dsisr === 0) || matched ? TRACE : undefined;',
    'together/a-step-is-seen-behind-a-hit',
  ],
  ['a match is forgotten in DSISR', 'this.#dsisr = DSISR_DABRMATCH |', 'this.#dsisr =', 'together/delivers-a-hit-once'],
]);

const layouts = [
  ...defectsOf('backend/silicon/dawr.ts', [
    [
      'MRD is the number of doublewords',
      '& MRD_MASK) + 1) * 8',
      '& MRD_MASK) || 1) * 8',
      'driver/what-is-accepted-is-watched',
    ],
    ['MRD has 5 bits', 'const MRD_MASK = 0x3f;', 'const MRD_MASK = 0x1f;', 'driver/what-is-accepted-is-watched'],
    [
      'every range ends at a multiple of 512',
      'length: crosses ? length : Math.min(length, room)',
      'length: Math.min(length, room)',
      'driver/what-is-accepted-is-watched',
    ],
    [
      'the bits of loads and stores are exchanged',
      '(control & DAWRX_DR ? CONDITION_READ : 0) | (control & DAWRX_DW ? CONDITION_WRITE : 0)',
      '(control & DAWRX_DR ? CONDITION_WRITE : 0) | (control & DAWRX_DW ? CONDITION_READ : 0)',
      'driver/listed-conditions-are-accepted-and-hit',
    ],
    [
      'the kernel is always watched',
      '((type >> 3) & 7) | (mrd',
      '((type >> 3) & 7) | 2 | (mrd',
      'silicon/hits-in-the-modes-that-are-asked-for',
    ],
  ]),
  ...defectsOf('backend/silicon/dabr.ts', [
    [
      'DABR watches words',
      'length: 8, conditions',
      'length: 4, conditions',
      'driver/listed-conditions-are-accepted-and-hit',
    ],
    [
      'DABR loses its type',
      '| (type & 7), control',
      '| (type & 6), control',
      'driver/listed-conditions-are-accepted-and-hit',
    ],
    [
      'DABRX is never written',
      'control: (type >> 3) & 7 }',
      'control: 7 }',
      'silicon/hits-in-the-modes-that-are-asked-for',
    ],
  ]),
];

const driver = defectsOf('backend/driver/ppc64-driver.ts', [
  [
    'a register is disarmed as register 0',
    'this.#write(register, layout, NOTHING);',
    'this.#write(0, layout, NOTHING);',
    'silicon/every-register-watches-every-condition',
  ],
  ['a mute leaves the registers armed', 'super.silence();', '', 'driver/mute-silences-and-the-last-unmute-arms-again'],
  [
    'what was changed while muted is not written',
    'super.flush();',
    'if (!this.active) super.flush();',
    'driver/muted-changes-reach-the-hardware-once',
  ],
  [
    'only CIABR makes it active',
    'this.#ciabr.address !== undefined || super.active',
    'this.#ciabr.address !== undefined',
    'driver/muted-changes-reach-the-hardware-once',
  ],
  [
    'the unit is the one that it began with',
    'return this.#holder.unit as Ppc64Silicon;',
    'this.kept ??= this.#holder.unit;\n    return this.kept;',
    'driver/looks-its-unit-up-where-it-uses-it',
  ],
  [
    'both registers have the layout of the first',
    'const layout = layoutsOf(this.unit, this.#facts)[register];\n    if (layout !== undefined)',
    'const layout = layoutsOf(this.unit, this.#facts)[register];\n    if (layout !== undefined && register === 0)',
    'silicon/every-register-watches-every-condition',
  ],
  [
    'a register that was dropped stays so',
    'this.#dropped.delete(register);',
    'this.#dropped.add(register);',
    'driver/listed-conditions-are-accepted-and-hit',
  ],
]);

const parse = defectsOf('backend/driver/parse.ts', [
  [
    'a length of 0 passes',
    'if (asked === 0n) throw',
    'if (asked < 0n) throw',
    'driver/unlisted-conditions-are-refused',
  ],
  [
    'other bits of bp_type pass',
    '(bp_type & ~HW_BREAKPOINT_RW) !== 0 &&',
    '(bp_type & 4) !== 0 &&',
    'driver/unknown-bits-of-the-type-are-refused',
  ],
  [
    'the last bytes are refused',
    'address + length > SPACE',
    'address + length >= SPACE',
    'driver/listed-conditions-work-everywhere',
  ],
  [
    'a range wraps around',
    'if (!cut && address + length > SPACE)',
    'if (!cut && address > SPACE)',
    'driver/unlisted-conditions-are-refused',
  ],
  [
    'a range that ends at a multiple of 512 is refused',
    '(end - 1n) >> BOUNDARY_SHIFT',
    'end >> BOUNDARY_SHIFT',
    'driver/listed-conditions-are-accepted-and-hit',
  ],
  [
    'a range may cross multiples of 512',
    'longest > 8n && !model.crosses &&',
    'longest < 8n && !model.crosses &&',
    'driver/unlisted-conditions-are-refused',
  ],
  [
    'only the bytes that were asked for are counted',
    'if (hwLength > longest)',
    'if (length > longest)',
    'driver/what-is-accepted-is-watched',
  ],
  [
    'one doubleword too many passes',
    'if (hwLength > longest)',
    'if (hwLength > longest + 8n)',
    'driver/lengths-are-compared-in-64-bits',
  ],
  [
    'the longest range is refused',
    'if (hwLength > longest)',
    'if (hwLength >= longest && longest > 8n)',
    'driver/listed-conditions-are-accepted-and-hit',
  ],
  [
    'the kernel is judged by the first byte',
    'address >= KERNEL_START || address + length > KERNEL_START',
    'address >= KERNEL_START',
    'driver/kernel-space-is-judged-by-every-byte',
  ],
  [
    'what ends where the kernel begins is the kernel’s',
    'address + length > KERNEL_START',
    'address + length >= KERNEL_START',
    'driver/kernel-space-is-judged-by-every-byte',
  ],
  [
    'user and kernel are exchanged',
    '(attr.exclude_user === true ? 0 : HW_BRK_TYPE_USER) |',
    '(attr.exclude_kernel === true ? 0 : HW_BRK_TYPE_USER) |',
    'silicon/hits-in-the-modes-that-are-asked-for',
  ],
  [
    'a length is 16 bits',
    'const length = cut ? BigInt.asUintN(16, asked) : asked;',
    'const length = BigInt.asUintN(16, asked);',
    'driver/unlisted-conditions-are-refused',
  ],
  [
    'a length is 32 bits',
    'const length = cut ? BigInt.asUintN(16, asked) : asked;',
    'const length = BigInt.asUintN(32, asked);',
    'driver/unlisted-conditions-are-refused',
  ],
  [
    'a register covers what was asked for, rounded down',
    'hwLength: Number(hwLength)',
    'hwLength: Math.max(8, Number(length & ~7n))',
    'driver/what-is-accepted-is-watched',
  ],
  [
    'exclude_hv is not looked at',
    '(attr.exclude_hv === true ? 0 : HW_BRK_TYPE_HYP)',
    'HW_BRK_TYPE_HYP',
    'silicon/hits-in-the-modes-that-are-asked-for',
  ],
  [
    'the length is that of the doublewords',
    'length: Number(length),',
    'length: Number(hwLength),',
    'driver/listed-conditions-are-accepted-and-hit',
  ],
]);

const match = defectsOf('backend/driver/match.ts', [
  [
    'what is beside what was asked for is a hit',
    'if (accessTouches(access, info)) return',
    'if (accessTouches(access, info, 8)) return',
    'together/bytes-that-were-not-asked-for-do-not-count',
  ],
  [
    'the last access decides',
    "if (match === 'hit') return match;",
    'best = match;',
    'together/another-kind-beside-a-hit-is-nobodys',
  ],
  [
    'only the first access is looked at',
    'for (const access of accesses) {',
    'for (const access of accesses.slice(0, 1)) {',
    'together/another-kind-beside-a-hit-is-nobodys',
  ],
]);

const port = defectsOf('backend/driver/ppc64-port.ts', [
  [
    'bytes that were not asked for count',
    "extraneous: match !== 'hit' || !wanted",
    'extraneous: !wanted',
    'together/bytes-that-were-not-asked-for-do-not-count',
  ],
  [
    'a mode that was excluded counts beside another hit',
    "extraneous: match !== 'hit' || !wanted",
    "extraneous: match !== 'hit'",
    'together/an-excluded-mode-beside-a-hit',
  ],
  [
    'a step is signalled as a software breakpoint',
    'this.#sigtrap(task, SI_CODES.TRAP_TRACE, cpu.context.pc)',
    'this.#sigtrap(task, SI_CODES.TRAP_BRKPT, cpu.context.pc)',
    'together/a-step-says-where-the-task-is',
  ],
  [
    'a step says where it came from',
    'this.#sigtrap(task, SI_CODES.TRAP_TRACE, cpu.context.pc)',
    'this.#sigtrap(task, SI_CODES.TRAP_TRACE, cpu.pc)',
    'together/a-step-says-where-the-task-is',
  ],
  [
    'a step in the kernel is a signal',
    "else if (cpu.context.mode === 'user') this",
    'else if (task !== undefined) this',
    'together/a-step-in-kernel-mode-is-no-signal',
  ],
  [
    'a completion is a hit of its own',
    'super.delivered(record);\n    const',
    'if (record.event === "step") return NOTIFY_DONE;\n    super.delivered(record);\n    const',
    'together/own-hits-end-in-the-breakpoint-layer',
  ],
  [
    'the registers are matched from the second on',
    'this.driver(cpu).occupants.entries()) {\n      if (occupant === undefined) continue;',
    'this.driver(cpu).occupants.entries()) {\n      if (occupant === undefined || register + 1 < this.driver(cpu).occupants.length) continue;',
    'together/delivers-a-hit-once',
  ],
  [
    'every hit is a SIGTRAP',
    'this.thread.get(task).told ? NOTIFY_DONE : NOTIFY_STOP',
    'this.thread.get(task) ? NOTIFY_DONE : NOTIFY_STOP',
    'together/silicon-delivery-comes-before-the-access',
  ],
]);

/** What somebody may get wrong in a backend whose silicon reports before the access. */
export const ppc64Defects: readonly Defect[] = [...unit, ...layouts, ...driver, ...parse, ...match, ...port];
