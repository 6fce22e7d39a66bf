import { type Planted, plantedIn } from './planted.js';

const REFUSED = 'facet/debug-registers-a-refused-write-changes-nothing';

/** Defects of facets. */
export const facets: readonly Planted[] = [
  ...plantedIn('arch-x86/src/facets/user-debug-registers.ts', 'x86', [
    [
      'exec keeps registers',
      '      hooks.exec.add((task) => this.#clear(task)),\n',
      '',
      'facet/debug-registers-end-with-exec',
    ],
    [
      'exit keeps breakpoints',
      '      hooks.exit.add((task) => this.#clear(task)),\n',
      '',
      'facet/debug-registers-end-with-their-task',
    ],
    [
      'a child inherits DR7',
      'if (!this.#services.quirks.isOn(FORK_COPIES_DR6_DR7)) return;',
      '',
      'facet/debug-registers-children-have-none',
    ],
    [
      'DR7 does not read back',
      'return register === 7 ? (state?.dr7 ?? 0n) : 0n;',
      'return 0n;',
      'facet/debug-registers-report-what-was-written',
    ],
    [
      'addresses are read from the next register',
      'state?.slots[register]?.attr.bp_addr',
      'state?.slots[register + 1]?.attr.bp_addr',
      'facet/debug-registers-report-what-was-written',
    ],
    [
      'a DR7 that is refused is read back',
      '    const before = this.#equivalentDr7(state);\n',
      '    const before = this.#equivalentDr7(state);\n    state.dr7 = value;\n',
      REFUSED,
    ],
    ['a DR7 that is refused leaves what it had done', 'else for (const step of undo.reverse()) step();', '', REFUSED],
    [
      'DR4 and DR5 can be written',
      "    else throw this.#unavailable(register, 'is reserved and cannot be written');",
      '',
      REFUSED,
    ],
    [
      'any number is a register',
      'if (!Number.isInteger(register) || register < 0 || register >= this.count)',
      'if (register < 0)',
      'facet/debug-registers-that-there-are-not-are-refused',
    ],
    [
      "a hit is nobody's",
      '    return () => this.#port.userHit(task, 1 << register);',
      '    return () => {};',
      'facet/debug-registers-watch',
    ],
    ['dispose keeps its hooks', '    this.#hooks[Symbol.dispose]();\n', '', 'facet/dispose-gives-every-hook-back'],
    [
      'the registers of a task are forgotten with its tracer, its breakpoints are not',
      'if (!this.#services.quirks.isOn(DETACH_KEEPS_BREAKPOINTS)) this.#clear(task);',
      'this.#state.get(task).dr7 = 0n;',
      'facet/debug-registers-are-all-kept-or-all-gone-once-nobody-traces',
    ],
    [
      'clearing leaves one breakpoint',
      'register < X86_DEBUG_REGISTERS; register++) this.#release(state.slots, register);',
      'register < 1; register++) this.#release(state.slots, register);',
      'facet/debug-registers-end-with-exec',
      'facet/debug-registers-end-with-their-task',
    ],
    [
      'a debugger may watch the kernel',
      'exclude_kernel: !this.#features.accumulateDr6',
      'exclude_kernel: false',
      'facet/debug-registers-never-watch-the-kernel',
    ],
    [
      'I/O breakpoints are watches',
      "if (rw === RW_IO) throw refuse(register, 'R/W = 10 (I/O), which Linux does not offer');",
      '',
      REFUSED,
    ],
  ]),
  ...plantedIn('arch-x86/src/facets/user-area.ts', 'x86', [
    [
      'the last word is outside',
      'offset >= layout.size ||',
      'offset >= layout.size - layout.wordSize ||',
      'facet/user-area-has-a-field-at-every-word',
    ],
    ['fields between words', '|| offset % layout.wordSize !== 0', '', 'facet/user-area-has-a-field-at-every-word'],
    [
      'debug registers are a word off',
      'debugOffset: (register) => layout.debug + layout.wordSize * register',
      'debugOffset: (register) => layout.debug + layout.wordSize * (register + 1)',
      'facet/user-area-knows-where-debug-registers-are',
    ],
    ['two registers of one name', 'rcx rdx rsi', 'rcx rcx rsi', 'facet/user-area-names-each-register-once'],
    [
      'the counter is a register like others',
      'if (name === counter) return readCounter(task);',
      '',
      'facet/user-area-has-the-program-counter',
    ],
    [
      'the high half of the counter is lost',
      '  resumePoint.pcHi = highHalf(value);\n',
      '',
      'facet/user-area-registers-read-back',
    ],
    [
      'a write is lost',
      'else task.context.set(name, BigInt.asUintN(bits, value));',
      "else if (name !== 'r9') task.context.set(name, BigInt.asUintN(bits, value));",
      'facet/user-area-registers-read-back',
    ],
    [
      'a register is another one, too',
      'else task.context.set(name, BigInt.asUintN(bits, value));',
      "else task.context.set(name === 'fs' ? 'gs' : name, BigInt.asUintN(bits, value));",
      'facet/user-area-registers-read-back',
    ],
  ]),
  ...plantedIn('arch-x86/src/facets/user-area.ts', 'x86 of 32 bits', [
    [
      'flags of 64 bits',
      'writeFlags(task.resumePoint, BigInt.asUintN(bits, value))',
      'writeFlags(task.resumePoint, value)',
      'facet/user-area-registers-read-back',
    ],
  ]),
  ...plantedIn('arch-x86/src/facets/target-description.ts', 'x86', [
    [
      'the counter does not come with stops',
      "expedited: ['rbp', 'rsp', 'rip']",
      "expedited: ['rbp', 'rsp']",
      'facet/target-registers-have-names-of-their-own',
    ],
    ['the wrong byte order', "byteOrder: 'little'", "byteOrder: 'big'", 'facet/target-byte-order-is-the-architectures'],
    [
      'what is above bit 63 is lost',
      'if (width > 64) context.set(highName(name), kept >> 64n);',
      '',
      'facet/target-registers-read-back',
    ],
    [
      'flags are written as any register',
      'else if (register === flags) context.set(name, writeFlags(context, kept));',
      '',
      'facet/target-registers-read-back',
    ],
    [
      'registers are constants',
      'const low = context.get(name);',
      "const low = name === 'r8' ? 0n : context.get(name);",
      'facet/target-registers-read-back',
    ],
  ]),
  ...plantedIn('arch-ppc64/src/facets/thread-breakpoints.ts', 'power10', [
    [
      'exec keeps breakpoints',
      '      hooks.exec.add((task) => this.#clear(task, !services.quirks.isOn(READBACK_SURVIVES))),\n',
      '',
      'facet/debug-registers-end-with-exec',
      'facet/debug-requests-end-with-exec-and-exit',
    ],
    [
      'exit keeps breakpoints',
      '      hooks.exit.add((task) => this.#clear(task, true)),\n',
      '',
      'facet/debug-registers-end-with-their-task',
      'facet/debug-requests-end-with-exec-and-exit',
    ],
    [
      'a child reads what its parent has written',
      'if (state !== undefined && this.#services.quirks.isOn(READBACK_SURVIVES)) {',
      'if (state !== undefined) {',
      'facet/debug-registers-children-have-none',
    ],
    [
      'a breakpoint that is spent is not armed again',
      '{ ...attr, disabled: false }',
      '{ ...attr }',
      'facet/debug-registers-watch',
    ],
    [
      'what is removed stays registered',
      '    this.#services.breakpoints.unregister(state.slots[slot]);\n    state',
      '    state',
      'facet/debug-requests-watch',
    ],
    [
      'handles are never given again',
      '    state.slots[slot] = undefined;\n',
      '',
      'facet/debug-requests-give-every-handle-once',
    ],
    ['dispose keeps its hooks', '    this.#hooks[Symbol.dispose]();\n', '', 'facet/dispose-gives-every-hook-back'],
  ]),
  ...plantedIn('arch-ppc64/src/facets/hardware-debug-requests.ts', 'power10', [
    [
      'any version',
      '    if (version !== VERSION) {',
      '    if (version < 0) {',
      'facet/debug-requests-a-refusal-changes-nothing',
    ],
    [
      'bits of a trigger that there are not',
      '(trigger_type & DATA_TRIGGERS) === 0 || (trigger_type & ~DATA_TRIGGERS) !== 0',
      '(trigger_type & DATA_TRIGGERS) === 0',
      'facet/debug-requests-a-refusal-changes-nothing',
    ],
    [
      'conditions are ignored',
      '    if (condition_mode !== PPC_BREAKPOINT_CONDITION_NONE) {',
      '    if (condition_mode < 0) {',
      'facet/debug-requests-a-refusal-changes-nothing',
    ],
    [
      'a debugger may watch the kernel',
      '    if (bp_addr >= this.#features.taskSize) {',
      '    if (bp_addr > 1n << 64n) {',
      'facet/debug-requests-a-refusal-changes-nothing',
    ],
    [
      'reads and writes are mixed up',
      'PPC_BREAKPOINT_TRIGGER_READ) === 0 ? 0 : HW_BREAKPOINT_R;',
      'PPC_BREAKPOINT_TRIGGER_READ) === 0 ? 0 : HW_BREAKPOINT_W;',
      'facet/debug-requests-watch',
    ],
    [
      'ranges include their end',
      'const length = BigInt.asUintN(64, addr2 - addr);',
      'const length = BigInt.asUintN(64, addr2 - addr + 1n);',
      'facet/debug-requests-watch-ranges',
    ],
    ['handles from 0', '    return slot + 1;', '    return slot;', 'facet/debug-requests-give-every-handle-once'],
    [
      'a handle that is not taken can be removed',
      '    if (this.#thread.at(task, slot) === undefined) {',
      '    if (slot < 0) {',
      'facet/debug-requests-refuse-handles-that-are-not-taken',
    ],
    [
      'any handle can be',
      '!Number.isInteger(slot) || slot < 0 || slot >= slots',
      'slot < 0',
      'facet/debug-requests-refuse-handles-that-are-not-taken',
    ],
    [
      'more breakpoints than there are',
      'num_data_bps: usable ? watches.length : 0',
      'num_data_bps: watches.length + 1',
      'facet/debug-requests-say-what-there-is',
    ],
  ]),
  ...plantedIn('arch-ppc64/src/facets/user-debug-registers.ts', 'power10', [
    [
      '0 stays armed',
      '      this.#thread.remove(task, 0);\n      return;',
      '      return;',
      'facet/debug-registers-watch',
    ],
    [
      'what is refused is read back',
      '    const data = BigInt.asUintN(64, value);\n',
      '    const data = BigInt.asUintN(64, value);\n    this.#thread.setReadback(task, data);\n',
      REFUSED,
    ],
    [
      'an address without bit 2',
      'if (data !== 0n && (data & TRANSLATE) === 0n) throw',
      'if (data < 0n) throw',
      REFUSED,
    ],
    [
      'a debugger may watch the kernel',
      "if (address >= this.#features.taskSize) throw this.#refused(data, 'its address is not in user space');",
      '',
      'facet/debug-registers-never-watch-the-kernel',
    ],
  ]),
];
