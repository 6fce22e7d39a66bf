import { type Defect, defectsOf } from './defect.js';

/** What somebody may get wrong in the software copy of DR0 to DR7. */
const driver = defectsOf('backend/driver/x86-driver.ts', [
  [
    'only register 0 makes it active',
    '(this.#shadow & DR7_GLOBAL_ENABLES) !== 0',
    '(this.#shadow & 2) !== 0',
    'driver/muted-changes-reach-the-hardware-once',
  ],
  [
    'the copy says less than the hardware while a register is disarmed',
    'super.uninstall(register);\n    this.#shadow = control;',
    'this.#shadow = control;\n    super.uninstall(register);',
    'driver/the-copy-never-says-less-than-the-hardware',
  ],
  [
    'an address mask is written with a flush only',
    'this.unit.setAddressMask(register, mask);',
    '',
    'driver/what-is-accepted-is-watched',
  ],
  [
    'a flush writes no address mask',
    'unit.setAddressMask(register, info?.mask ?? 0);',
    '',
    'driver/a-register-takes-any-condition-behind-any-other',
  ],
  [
    'a flush adds address masks and takes none away',
    'unit.setAddressMask(register, info?.mask ?? 0);',
    'if (info?.mask) unit.setAddressMask(register, info.mask);',
    'driver/a-register-takes-any-condition-behind-any-other',
  ],
  [
    'a flush leaves the last register out',
    'register < X86_DEBUG_REGISTERS; register++) {\n      const info',
    'register < 3; register++) {\n      const info',
    'driver/muted-changes-reach-the-hardware-once',
  ],
  [
    'a flush arms before it writes the addresses',
    'const { unit, occupants } = this;',
    'const { unit, occupants } = this;\n    unit.setControl(this.#shadow);',
    'driver/nothing-else-is-armed-at-any-moment',
  ],
  [
    'a flush loses the high half',
    'unit.setAddress(register, info.hi, info.lo);\n      unit',
    'unit.setAddress(register, 0, info.lo);\n      unit',
    'driver/a-register-takes-any-condition-behind-any-other',
  ],
  [
    'a flush writes the addresses of registers that are free too, and no control',
    'unit.setControl(this.#shadow);\n  }\n\n  #program',
    'if (occupants[0] !== undefined) unit.setControl(this.#shadow);\n  }\n\n  #program',
    'driver/muted-changes-reach-the-hardware-once',
  ],
  [
    'all is off while one register is armed',
    'this.#program(register, info);',
    'this.unit.setControl(0);\n    this.#program(register, info);',
    'driver/neighbours-stay-armed-at-every-moment',
  ],
  [
    'all is off while one register is disarmed',
    'this.unit.setControl(this.#without(register));',
    'this.unit.setControl(0);\n    this.unit.setControl(this.#without(register));',
    'driver/neighbours-stay-armed-at-every-moment',
  ],
  [
    'arming enables before the address is written',
    'this.#program(register, info);',
    'this.unit.setControl(this.#shadow);\n    this.#program(register, info);',
    'driver/nothing-else-is-armed-at-any-moment',
  ],
  [
    'silence leaves the last register armed',
    'this.unit.setControl(0);',
    'this.unit.setControl(this.#shadow & 0xf0000080);',
    'driver/mute-silences-and-the-last-unmute-arms-again',
  ],
  [
    'the last one to go takes register 3 for free',
    '(control & DR7_GLOBAL_ENABLES) === 0 ? 0 : control',
    '(control & 0x2a) === 0 ? 0 : control',
    'driver/uninstall-leaves-neighbours-armed',
  ],
  [
    'an install forgets the others while muted',
    'this.#shadow = this.#shadow | registerBits',
    'this.#shadow = (this.muted ? 0 : this.#shadow) | registerBits',
    'driver/muted-changes-reach-the-hardware-once',
  ],
]);

/** What somebody may get wrong in the validation of requests. */
const parse = defectsOf('backend/driver/parse.ts', [
  [
    'stores with other bits are stores',
    'bp_type === HW_BREAKPOINT_W)',
    '(bp_type & 3) === HW_BREAKPOINT_W)',
    'driver/unknown-bits-of-the-type-are-refused',
  ],
  [
    'execution with other bits is execution',
    'if (bp_type === HW_BREAKPOINT_X) return X86_BREAKPOINT_EXECUTE;',
    'if ((bp_type & 7) === HW_BREAKPOINT_X) return X86_BREAKPOINT_EXECUTE;',
    'driver/unknown-bits-of-the-type-are-refused',
  ],
  [
    'a length is 16 bits',
    'const length = Number(bp_len);\n  const len',
    'const length = Number(bp_len) & 0xffff;\n  const len',
    'driver/listed-conditions-are-accepted-and-hit',
  ],
  [
    'a length is 32 bits',
    'const length = Number(bp_len);\n  const len',
    'const length = Number(BigInt.asUintN(32, BigInt(bp_len)));\n  const len',
    'driver/lengths-are-compared-in-64-bits',
  ],
  [
    'an execute length is 32 bits',
    'BigInt(bp_len) !== BigInt(word)',
    'BigInt.asUintN(32, BigInt(bp_len)) !== BigInt(word)',
    'driver/lengths-are-compared-in-64-bits',
  ],
  [
    '32 bits can watch 8 bytes',
    'length === 8 && features.bits === 64',
    'length === 8',
    'driver/unlisted-conditions-are-refused',
  ],
  [
    'the last address is refused',
    'if (overlaps(features.protectedRanges, address, last)) {',
    'if (last === U64_MAX || overlaps(features.protectedRanges, address, last)) {',
    'driver/listed-conditions-work-everywhere',
  ],
  [
    'address 0 is refused',
    'if (overlaps(features.protectedRanges, address, last)) {',
    'if (address === 0n || overlaps(features.protectedRanges, address, last)) {',
    'driver/listed-conditions-work-everywhere',
  ],
  [
    'half of the length is enough of an alignment',
    '(common.lo & (length - 1)) !== 0',
    '(common.lo & ((length - 1) >> 1)) !== 0',
    'driver/unlisted-conditions-are-refused',
  ],
  [
    'the kernel begins one byte late for data',
    'kernelSpace: last >= features.taskSize',
    'kernelSpace: last > features.taskSize',
    'driver/kernel-space-is-judged-by-every-byte',
  ],
  [
    'the kernel begins one byte early for data',
    'kernelSpace: last >= features.taskSize',
    'kernelSpace: last >= features.taskSize - 1n',
    'driver/kernel-space-is-judged-by-every-byte',
  ],
  [
    'execution is never in the kernel',
    'const kernelSpace = address >= features.taskSize;\n    return',
    'const kernelSpace = false;\n    return',
    'driver/kernel-space-is-judged-by-every-byte',
  ],
  [
    'the longest range is refused',
    'length > LONGEST_RANGE)',
    'length >= LONGEST_RANGE)',
    'driver/listed-conditions-are-accepted-and-hit',
  ],
  [
    'ranges twice as long pass',
    'length > LONGEST_RANGE)',
    'length > 2n * LONGEST_RANGE)',
    'driver/unlisted-conditions-are-refused',
  ],
  [
    'the mask of a range has one bit too many',
    'return Number(length - 1n);',
    'return Number(2n * length - 1n);',
    'driver/what-is-accepted-is-watched',
  ],
  [
    'the mask of a range lacks a bit',
    'return Number(length - 1n);',
    'return Number(length - 1n) >>> 1;',
    'driver/what-is-accepted-is-watched',
  ],
  [
    'a misaligned range passes',
    'if ((address & (length - 1n)) !== 0n) throw misaligned(address, length);',
    '',
    'driver/misaligned-ranges-are-refused',
  ],
  [
    'a range of any length passes',
    '(length & (length - 1n)) !== 0n || length > U64_MAX',
    'length > U64_MAX',
    'driver/unlisted-conditions-are-refused',
  ],
  [
    'execution watches a word',
    'return { address, length: 1, kernelSpace, ...common',
    'return { address, length: 8, kernelSpace, ...common',
    'driver/kernel-space-is-judged-by-every-byte',
  ],
]);

/** What somebody may get wrong in the entry code. */
const port: readonly Defect[] = [
  ...defectsOf('backend/driver/x86-port.ts', [
    [
      'DR6 is not acknowledged',
      'unit.setStatus(DR6_RESET);\n    return status;',
      'return status;',
      'together/a-step-is-seen-behind-a-hit',
    ],
    [
      'an execute hit is taken for a step',
      '(status & DR6_BS) === 0 || !watchesExecution(info)',
      '(status & DR6_BS) === 0 && !watchesExecution(info)',
      'together/delivers-a-hit-once',
    ],
    [
      'a hit in kernel mode leaves the registers muted',
      'if (muted) this.driver(cpu).unmute();\n      if (verdict === NOTIFY_STOP) return;',
      'if (verdict === NOTIFY_STOP) return;\n      if (muted) this.driver(cpu).unmute();',
      'together/delivers-a-hit-once',
    ],
    [
      'registers are muted in user mode too, and stay so',
      "const muted = cpu.context.mode !== 'user';\n    if (muted) this",
      "const muted = cpu.context.mode !== 'user';\n    this",
      'together/delivers-a-hit-once',
    ],
    [
      'a page fault of user mode is the kernel’s',
      "isCanonical(trap.address) || cpu.context.mode !== 'user'",
      "!isCanonical(trap.address) && cpu.context.mode !== 'user'",
      'together/a-page-fault-in-user-mode-is-a-sigsegv',
    ],
    [
      'a step says where it came from',
      'this.#sigtrap(task, trapCode(effective), task.context.pc);',
      'this.#sigtrap(task, trapCode(effective), record.cpu.pc);',
      'together/a-step-says-where-the-task-is',
    ],
    [
      'a step is signalled as a software breakpoint',
      'return SI_CODES.TRAP_TRACE;',
      'return SI_CODES.TRAP_BRKPT;',
      'together/a-step-says-where-the-task-is',
    ],
    [
      'a step in the kernel is a signal',
      '#fromKernel({ cpu, status }: DieRecord): void {',
      '#fromKernel({ cpu, status, task }: DieRecord): void {\n    this.#sigtrap(task, 2, 0n);',
      'together/a-step-in-kernel-mode-is-no-signal',
    ],
  ]),
  {
    name: 'the entry of an exception is kept in the port',
    file: 'backend/driver/x86-port.ts',
    changes: [
      [
        'const data: Entered = { status, muted };',
        'const data: Entered = { status, muted };\n    X86Port.last = data;',
      ],
      ['const { muted } = record.data as Entered;', 'const { muted } = X86Port.last;'],
    ],
    kills: ['together/exceptions-of-other-cpus-come-meanwhile'],
  },
];

export const x86DriverDefects: readonly Defect[] = [...driver, ...parse, ...port];
