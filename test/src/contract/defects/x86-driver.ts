import { type Defect, defectsOf } from './defect.js';

/** What somebody may get wrong in the software copy of DR0 to DR7. */
const driver = defectsOf('driver/x86-driver.ts', [
  ['only register 0 makes it active', '(this.#shadow & DR7_GLOBAL_ENABLES) !== 0', '(this.#shadow & 2) !== 0'],
  [
    'the copy says less than the hardware while a register is disarmed',
    'super.uninstall(register);\n    this.#shadow = control;',
    'this.#shadow = control;\n    super.uninstall(register);',
  ],
  ['an address mask is written with a flush only', 'this.unit.setAddressMask(register, mask);', ''],
  ['a flush writes no address mask', 'unit.setAddressMask(register, info?.mask ?? 0);', ''],
  [
    'a flush adds address masks and takes none away',
    'unit.setAddressMask(register, info?.mask ?? 0);',
    'if (info?.mask) unit.setAddressMask(register, info.mask);',
  ],
  [
    'a flush leaves the last register out',
    'register < X86_DEBUG_REGISTERS; register++) {\n      const info',
    'register < 3; register++) {\n      const info',
  ],
  [
    'a flush arms before it writes the addresses',
    'const { unit, occupants } = this;',
    'const { unit, occupants } = this;\n    unit.setControl(this.#shadow);',
  ],
  [
    'a flush loses the high half',
    'unit.setAddress(register, info.hi, info.lo);\n      unit',
    'unit.setAddress(register, 0, info.lo);\n      unit',
  ],
  [
    'a flush writes the addresses of registers that are free too, and no control',
    'unit.setControl(this.#shadow);\n  }\n\n  #program',
    'if (occupants[0] !== undefined) unit.setControl(this.#shadow);\n  }\n\n  #program',
  ],
  [
    'all is off while one register is armed',
    'this.#program(register, info);',
    'this.unit.setControl(0);\n    this.#program(register, info);',
  ],
  [
    'all is off while one register is disarmed',
    'this.unit.setControl(this.#without(register));',
    'this.unit.setControl(0);\n    this.unit.setControl(this.#without(register));',
  ],
  [
    'arming enables before the address is written',
    'this.#program(register, info);',
    'this.unit.setControl(this.#shadow);\n    this.#program(register, info);',
  ],
  [
    'silence leaves the last register armed',
    'this.unit.setControl(0);',
    'this.unit.setControl(this.#shadow & 0xf0000080);',
  ],
  [
    'the last one to go takes register 3 for free',
    '(control & DR7_GLOBAL_ENABLES) === 0 ? 0 : control',
    '(control & 0x2a) === 0 ? 0 : control',
  ],
  [
    'an install forgets the others while muted',
    'this.#shadow = this.#shadow | registerBits',
    'this.#shadow = (this.muted ? 0 : this.#shadow) | registerBits',
  ],
]);

/** What somebody may get wrong in the validation of requests. */
const parse = defectsOf('driver/parse.ts', [
  ['stores with other bits are stores', 'bp_type === HW_BREAKPOINT_W)', '(bp_type & 3) === HW_BREAKPOINT_W)'],
  ['execution with other bits is execution', 'bp_type === HW_BREAKPOINT_X)', '(bp_type & 7) === HW_BREAKPOINT_X)'],
  [
    'a length is 16 bits',
    'const length = Number(bp_len);\n  const len',
    'const length = Number(bp_len) & 0xffff;\n  const len',
  ],
  [
    'a length is 32 bits',
    'const length = Number(bp_len);\n  const len',
    'const length = Number(BigInt.asUintN(32, BigInt(bp_len)));\n  const len',
  ],
  [
    'an execute length is 32 bits',
    'BigInt(bp_len) !== BigInt(word)',
    'BigInt.asUintN(32, BigInt(bp_len)) !== BigInt(word)',
  ],
  ['32 bits can watch 8 bytes', 'length === 8 && features.bits === 64', 'length === 8'],
  ['32 bits have one address more', 'last > LAST_OF_32_BITS', 'last > LAST_OF_32_BITS + 1n'],
  ['the last address of 32 bits is refused', 'last > LAST_OF_32_BITS', 'last >= LAST_OF_32_BITS'],
  ['the last address is refused', 'if (last < address) {', 'if (last < address || last === U64_MAX) {'],
  ['address 0 is refused', 'if (last < address) {', 'if (last < address || address === 0n) {'],
  [
    'half of the length is enough of an alignment',
    '(halves.lo & (length - 1)) !== 0',
    '(halves.lo & ((length - 1) >> 1)) !== 0',
  ],
  [
    'the kernel begins one byte late for data',
    'kernelSpace: last >= features.taskSize',
    'kernelSpace: last > features.taskSize',
  ],
  [
    'the kernel begins one byte early for data',
    'kernelSpace: last >= features.taskSize',
    'kernelSpace: last >= features.taskSize - 1n',
  ],
  [
    'execution is never in the kernel',
    'const kernelSpace = address >= features.taskSize;\n    return',
    'const kernelSpace = false;\n    return',
  ],
  ['the longest range is refused', 'length > LONGEST_RANGE)', 'length >= LONGEST_RANGE)'],
  ['ranges twice as long pass', 'length > LONGEST_RANGE)', 'length > 2n * LONGEST_RANGE)'],
  ['the mask of a range has one bit too many', 'return Number(length - 1n);', 'return Number(2n * length - 1n);'],
  ['the mask of a range lacks a bit', 'return Number(length - 1n);', 'return Number(length - 1n) >>> 1;'],
  ['a misaligned range passes', 'if ((address & (length - 1n)) !== 0n) throw misaligned(address, length);', ''],
  ['a range of any length passes', '(length & (length - 1n)) !== 0n || length > U64_MAX', 'length > U64_MAX'],
  [
    'execution watches a word',
    'return { address, length: 1, kernelSpace, ...halves, len: X86_BREAKPOINT_LEN_1, type, mask: 0 };',
    'return { address, length: 8, kernelSpace, ...halves, len: X86_BREAKPOINT_LEN_1, type, mask: 0 };',
  ],
  ['the high half is that of the last byte of 32 bits', 'hi: highHalf(address)', 'hi: highHalf(address) & 0xffff'],
]);

/** What somebody may get wrong in the entry code. */
const port: readonly Defect[] = [
  ...defectsOf('driver/x86-port.ts', [
    [
      'a data hit sets the resume flag too',
      'if (occupant.info.type === X86_BREAKPOINT_EXECUTE) {',
      'record.cpu.context.resume = true;\n      if (occupant.info.type === X86_BREAKPOINT_EXECUTE) {',
    ],
    [
      'the resume flag is set in user mode only',
      'record.cpu.context.resume = true;\n      }',
      "record.cpu.context.resume = record.cpu.context.mode === 'user';\n      }",
    ],
    ['one hit takes every status bit', 'record.status &= ~(1 << register);', 'record.status = 0;'],
    ['DR6 is not acknowledged', 'unit.setStatus(DR6_RESET);\n    this.#enter', 'this.#enter'],
    [
      'a hit in kernel mode leaves the registers muted',
      'if (muted) this.driver(cpu).unmute();\n      if (verdict === NOTIFY_STOP) return;',
      'if (verdict === NOTIFY_STOP) return;\n      if (muted) this.driver(cpu).unmute();',
    ],
    [
      'registers are muted in user mode too, and stay so',
      "const muted = cpu.context.mode !== 'user';\n    if (muted) this",
      "const muted = cpu.context.mode !== 'user';\n    this",
    ],
    [
      'a page fault of user mode is the kernel’s',
      "isCanonical(trap.address) || cpu.context.mode !== 'user'",
      "!isCanonical(trap.address) && cpu.context.mode !== 'user'",
    ],
    [
      'a step says where it came from',
      'this.#sigtrap(task, trapCode(effective), task.context.pc);',
      'this.#sigtrap(task, trapCode(effective), record.cpu.pc);',
    ],
    ['a step is signalled as a software breakpoint', 'return SI_CODES.TRAP_TRACE;', 'return SI_CODES.TRAP_BRKPT;'],
    [
      'hits are looked for from register 1 on',
      'const hits: Occupant[] = [];\n    for (let register = 0;',
      'const hits: Occupant[] = [];\n    for (let register = 1;',
    ],
    [
      'register 3 is not looked at',
      'register < X86_DEBUG_REGISTERS; register++) {\n      const occupant',
      'register < 3; register++) {\n      const occupant',
    ],
    [
      'a step in the kernel is a signal',
      '#fromKernel({ cpu, status }: DieRecord): void {',
      '#fromKernel({ cpu, status, task }: DieRecord): void {\n    this.#sigtrap(task, 2, 0n);',
    ],
    [
      'hits are told to whoever is in the register when the next one is',
      'hits.push(occupant);',
      'const at = register;\n      hits.push(new Proxy(occupant, { get: (held, key) => Reflect.get(occupants[at] ?? held, key) }));',
    ],
  ]),
  {
    name: 'the entry of an exception is kept in the port',
    file: 'driver/x86-port.ts',
    changes: [
      [
        'const data: Entered = { status, muted };',
        'const data: Entered = { status, muted };\n    X86Port.last = data;',
      ],
      ['const { muted } = record.data as Entered;', 'const { muted } = X86Port.last;'],
    ],
    kills: [],
  },
];

export const x86DriverDefects: readonly Defect[] = [...driver, ...parse, ...port];
