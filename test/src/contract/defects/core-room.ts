import { type Defect, defectsOf } from './defect.js';

/** What somebody may get wrong in what core has for every backend. */
const parse = defectsOf('arch/parse-range.ts', [
  [
    'a range wraps around',
    'if (last >> BigInt(8 * wordSize) === 0n) return last;',
    'if (bp_addr >> BigInt(8 * wordSize) === 0n) return last;',
  ],
  [
    'the last byte is refused',
    'if (last >> BigInt(8 * wordSize) === 0n) return last;',
    'if ((last + 1n) >> BigInt(8 * wordSize) === 0n) return last;',
  ],
  ['other bits of bp_type pass', 'kind === undefined || (bp_type & ~ALL_TYPES) !== 0 ?', 'kind === undefined ?'],
  [
    'kinds are looked up without execution',
    'listed === typeLetters(bp_type)',
    'listed === typeLetters(bp_type & 4 && bp_type & 3 ? bp_type & 3 : bp_type)',
  ],
  [
    'the kernel is judged by the first byte',
    'kernelSpace: last >= manifest.kernelStart',
    'kernelSpace: address >= manifest.kernelStart',
  ],
  [
    'the kernel begins one byte late',
    'kernelSpace: last >= manifest.kernelStart',
    'kernelSpace: last > manifest.kernelStart',
  ],
  [
    'the kernel begins one byte early',
    'kernelSpace: last >= manifest.kernelStart',
    'kernelSpace: last + 1n >= manifest.kernelStart',
  ],
  [
    'the kernel begins where user space ends',
    'kernelSpace: last >= manifest.kernelStart',
    'kernelSpace: last >= manifest.taskSize',
  ],
  ['execution is never in the kernel', 'kernelSpace: address >= manifest.kernelStart', 'kernelSpace: false'],
  [
    'an execute length is 32 bits',
    'BigInt(listed) === length)) {\n    const message = `an execute',
    'BigInt(listed) === BigInt.asUintN(32, length))) {\n    const message = `an execute',
  ],
  [
    'a length is 16 bits',
    'BigInt(listed) === length)) {\n    throw',
    'BigInt(listed) === (length & 0xffffn))) {\n    throw',
  ],
  [
    'a length is 32 bits',
    'BigInt(listed) === length)) {\n    throw',
    'BigInt(listed) === BigInt.asUintN(32, length))) {\n    throw',
  ],
  [
    'half of the length is enough of an alignment',
    "alignment === 'natural' && address % length !== 0n",
    "alignment === 'natural' && address % ((length + 1n) / 2n) !== 0n",
  ],
  [
    'the end of a block is another block',
    'address / block !== last / block',
    'address / block !== (last + 1n) / block',
  ],
  ['the high half is lost', 'hi: highHalf(address)', 'hi: 0'],
  ['execution watches what was asked for', 'length: 1, kernelSpace', 'length: Number(asked), kernelSpace'],
]);

const driver = [
  ...defectsOf('arch/register-driver.ts', [
    [
      'the unit is the one that it began with',
      'return this.#holder.unit as Unit;',
      'this.kept ??= this.#holder.unit;\n    return this.kept;',
    ],
    [
      'the last register is never disarmed',
      'this.#writer.write(this.unit, register, undefined);',
      'if (register === 0 || register < this.occupants.length - 1) this.#writer.write(this.unit, register, undefined);',
    ],
    [
      'arming disarms the one before',
      'this.#writer.write(this.unit, register, info);',
      'if (register > 1) this.#writer.write(this.unit, register - 1, undefined);\n    this.#writer.write(this.unit, register, info);',
    ],
    [
      'all is off while one register is written',
      'this.#writer.write(this.unit, register, info);',
      'this.silence();\n    for (const [at, held] of this.occupants.entries()) if (held && at !== register) this.#writer.write(this.unit, at, held.info);\n    this.#writer.write(this.unit, register, info);',
    ],
  ]),
  ...defectsOf('arch/driver-base.ts', [
    [
      'the copy forgets before the hardware does',
      'if (this.#mutes === 0) this.disarm(register);\n    this.#occupants[register] = undefined;',
      'this.#occupants[register] = undefined;\n    if (this.#mutes === 0) this.disarm(register);',
    ],
    [
      'what is installed while muted is written at once',
      'if (this.#mutes === 0) this.arm(register, occupant.info);',
      'this.arm(register, occupant.info);',
    ],
    ['the first unmute writes', 'if (--this.#mutes > 0) return;', 'this.#mutes = 0;'],
    ['a mute with nothing armed silences', 'if (this.#stale) this.silence();', 'this.silence();'],
    ['a mute with nothing armed is flushed', 'if (this.#stale || this.active) this.restore();', 'this.restore();'],
    [
      'what was removed while muted comes back',
      'if (occupant === undefined) this.disarm(register);\n      else this',
      'if (occupant !== undefined) this',
    ],
    [
      'a flush leaves the last register out',
      'flush(): void {\n    for (let register = 0; register < this.#occupants.length; register++)',
      'flush(): void {\n    for (let register = 0; register < Math.max(1, this.#occupants.length - 1); register++)',
    ],
    ['a restore while muted writes', 'if (this.#mutes > 0) return;\n    this.flush();', 'this.flush();'],
    [
      'a quiet mute inside of another is not quiet',
      'if (!quiet || this.#silent) return this.unmute;',
      'if (!quiet || this.#silent || this.#mutes > 1) return this.unmute;',
    ],
  ]),
];

const port = [
  ...defectsOf('arch/port-base.ts', [
    [
      'a software breakpoint is nobody’s',
      "if (verdict === NOTIFY_STOP || record.event !== 'breakpoint') return;",
      'return;',
    ],
    [
      'a software breakpoint is a step',
      'si_code: SI_CODES.TRAP_BRKPT, si_addr: record.cpu.context.pc',
      'si_code: SI_CODES.TRAP_TRACE, si_addr: record.cpu.context.pc',
    ],
    [
      'page faults of the kernel are signals',
      "if (cpu.context.mode !== 'user') this.oops(cpu, `${write",
      "if (cpu.context.mode !== 'user' && task === undefined) this.oops(cpu, `${write",
    ],
    [
      'a page fault says where the instruction is',
      'this.host.machine.signalPageFault(task, address);',
      'this.host.machine.signalPageFault(task, cpu.pc);',
    ],
    [
      'a step over a system call is lost',
      'if (stepped) this.signal(task',
      'if (!stepped) return;\n    if (task.alive === undefined) this.signal(task',
    ],
  ]),
  ...defectsOf('arch/after-port.ts', [
    [
      'a data hit sets the resume flag too',
      "if (record.exception?.timing === 'before' && taken.some(({ info }) => watchesExecution(info)))",
      'if (taken.length > 0)',
    ],
    [
      'the resume flag is set in user mode only',
      'if (this.manifest.resumeFlag) cpu.context.resume = true;',
      "if (this.manifest.resumeFlag) cpu.context.resume = cpu.context.mode === 'user';",
    ],
    [
      'the resume flag is never set',
      'if (this.manifest.resumeFlag) cpu.context.resume = true;',
      'if (this.manifest.resumeFlag) return;',
    ],
    [
      'bits of free registers are taken',
      'if (occupant === undefined || (seen & (1 << register)) === 0 ||',
      'record.status &= ~(occupant === undefined ? 1 << register : 0);\n      if (occupant === undefined || (seen & (1 << register)) === 0 ||',
    ],
    [
      'a free register ends the search',
      'if (occupant === undefined || (seen & (1 << register)) === 0 || !this.takes(occupant, record)) continue;',
      'if (occupant === undefined) break;\n      if ((seen & (1 << register)) === 0 || !this.takes(occupant, record)) continue;',
    ],
    ['one hit takes the whole status', 'record.status &= ~(1 << register);', 'record.status = 0;'],
    ['a step hides in a hit', 'return status === 0 ? NOTIFY_STOP : NOTIFY_DONE;', 'return NOTIFY_STOP;'],
    ['own hits are passed on', 'return status === 0 ? NOTIFY_STOP : NOTIFY_DONE;', 'return NOTIFY_DONE;'],
    ['a step in the kernel is a signal', "if (cpu.context.mode === 'user') {", 'if (task !== undefined) {'],
    ['a step is signalled as a software breakpoint', 'stepped ? SI_CODES.TRAP_TRACE', 'stepped ? SI_CODES.TRAP_BRKPT'],
    ['a step says where it came from', 'si_code, si_addr: cpu.context.pc', 'si_code, si_addr: cpu.pc'],
    [
      'the task of the exception is nobody',
      'cpu, task: this.current(cpu), exception, status }',
      'cpu, task: undefined, exception, status }',
    ],
    [
      'whoever is in a register at the completion is told',
      '{ hits: record.data.hits } : undefined',
      '{ hits: this.driver(record.cpu).occupants.filter((one) => one !== undefined && record.data.hits.length > 0) } : undefined',
    ],
    [
      'without a resume flag accesses behind an execute hit are lost',
      "asked(matchAccesses(this.driver(cpu).occupants, cpu, this.manifest, 'any'))",
      '[]',
    ],
  ]),
  ...defectsOf('arch/before-port.ts', [
    [
      'those that were told at once are told again',
      "asked(matched).filter(({ delivery }) => delivery === 'after')",
      'asked(matched)',
    ],
    ['a restart completes', 'if (restart === true) return;', ''],
    ['an access that a debugger was told of comes for ever', 'if (armed || later.length > 0)', 'if (later.length > 0)'],
    [
      'those that want it after are not told beside a debugger',
      'if (armed || later.length > 0) this.completeDisarmed(cpu, later);',
      'if (armed || later.length > 0) this.completeDisarmed(cpu, []);',
    ],
    [
      'bytes beside what was asked for count',
      'const later = asked(matched).filter(',
      'const later = matched.map(({ occupant }) => occupant).filter(',
    ],
    [
      'an execute hit completes with what it accesses',
      "if (when === 'before' && executed.length > 0) return executed;",
      '',
    ],
  ]),
  ...defectsOf('arch/match-decoded.ts', [
    [
      'only the first access is looked at',
      'const made = accesses.filter(reportedNow);',
      'const made = accesses.filter(reportedNow).slice(0, 1);',
    ],
    [
      'execution is every instruction of the word',
      "if (info.address === pc) return 'hit';",
      "if (info.address >> 2n === pc >> 2n) return 'hit';",
    ],
  ]),
  ...defectsOf('arch/range-breakpoint.ts', [
    ['a port is taken for memory', "if (space === 'port') return false;", ''],
    ['loads and stores are exchanged', "const loads = kind !== 'write' &&", "const loads = kind !== 'read' &&"],
    ['an access that ends in front counts', 'at + BigInt(size) > first;', 'at + BigInt(size) >= first;'],
    [
      'the last byte does not count',
      'const end = address + BigInt(length) + block - 1n;',
      'const end = address + BigInt(length > 1 ? length - 1 : 1) + block - 1n;',
    ],
    ['kinds are not looked at', 'if (!loads && !stores) return false;', ''],
  ]),
];

export const coreRoomDefects: readonly Defect[] = [...parse, ...driver, ...port];
