import { type Defect, defectsOf } from './defect.js';

/** What somebody may get wrong in what core has for every backend. */
const parse = defectsOf('arch/parse-range.ts', [
  [
    'a range wraps around',
    'if (last >> BigInt(8 * wordSize) === 0n) return last;',
    'if (bp_addr >> BigInt(8 * wordSize) === 0n) return last;',
    'driver/unlisted-conditions-are-refused',
  ],
  [
    'the last byte is refused',
    'if (last >> BigInt(8 * wordSize) === 0n) return last;',
    'if ((last + 1n) >> BigInt(8 * wordSize) === 0n) return last;',
    'driver/listed-conditions-work-everywhere',
  ],
  [
    'other bits of bp_type pass',
    'kind === undefined || (bp_type & ~ALL_TYPES) !== 0 ?',
    'kind === undefined ?',
    'driver/unknown-bits-of-the-type-are-refused',
  ],
  [
    'kinds are looked up without execution',
    'listed === typeLetters(bp_type)',
    'listed === typeLetters(bp_type & 4 && bp_type & 3 ? bp_type & 3 : bp_type)',
    'driver/unknown-bits-of-the-type-are-refused',
  ],
  [
    'the kernel is judged by the first byte',
    'kernelSpace: last >= manifest.kernelStart',
    'kernelSpace: address >= manifest.kernelStart',
    'driver/kernel-space-is-judged-by-every-byte',
  ],
  [
    'the kernel begins one byte late',
    'kernelSpace: last >= manifest.kernelStart',
    'kernelSpace: last > manifest.kernelStart',
    'driver/kernel-space-is-judged-by-every-byte',
  ],
  [
    'the kernel begins one byte early',
    'kernelSpace: last >= manifest.kernelStart',
    'kernelSpace: last + 1n >= manifest.kernelStart',
    'driver/kernel-space-is-judged-by-every-byte',
  ],
  [
    'the kernel begins where user space ends',
    'kernelSpace: last >= manifest.kernelStart',
    'kernelSpace: last >= manifest.taskSize',
    'driver/kernel-space-is-judged-by-every-byte',
  ],
  [
    'execution is never in the kernel',
    'kernelSpace: address >= manifest.kernelStart',
    'kernelSpace: false',
    'driver/kernel-space-is-judged-by-every-byte',
  ],
  [
    'an execute length is 32 bits',
    'BigInt(listed) === length)) {\n    const message = `an execute',
    'BigInt(listed) === BigInt.asUintN(32, length))) {\n    const message = `an execute',
    'driver/lengths-are-compared-in-64-bits',
  ],
  [
    'a length is 16 bits',
    'BigInt(listed) === length)) {\n    throw',
    'BigInt(listed) === (length & 0xffffn))) {\n    throw',
    'driver/lengths-are-compared-in-64-bits',
  ],
  [
    'a length is 32 bits',
    'BigInt(listed) === length)) {\n    throw',
    'BigInt(listed) === BigInt.asUintN(32, length))) {\n    throw',
    'driver/lengths-are-compared-in-64-bits',
  ],
  [
    'half of the length is enough of an alignment',
    "alignment === 'natural' && address % length !== 0n",
    "alignment === 'natural' && address % ((length + 1n) / 2n) !== 0n",
    'driver/unlisted-conditions-are-refused',
  ],
  [
    'the end of a block is another block',
    'address / block !== last / block',
    'address / block !== (last + 1n) / block',
    'driver/listed-conditions-are-accepted-and-hit',
  ],
  [
    'execution watches what was asked for',
    'length: 1, kernelSpace',
    'length: Number(asked), kernelSpace',
    'driver/kernel-space-is-judged-by-every-byte',
  ],
]);

const driver = [
  ...defectsOf('arch/register-driver.ts', [
    [
      'the unit is the one that it began with',
      'return this.#holder.unit as Unit;',
      'this.kept ??= this.#holder.unit;\n    return this.kept;',
      'driver/looks-its-unit-up-where-it-uses-it',
    ],
    [
      'the last register is never disarmed',
      'this.#writer.write(this.unit, register, undefined);',
      'if (register === 0 || register < this.occupants.length - 1) this.#writer.write(this.unit, register, undefined);',
      'silicon/filter-is-empty-when-nothing-is-armed',
    ],
    [
      'arming disarms the one before',
      'this.#writer.write(this.unit, register, info);',
      'if (register > 1) this.#writer.write(this.unit, register - 1, undefined);\n    this.#writer.write(this.unit, register, info);',
      'silicon/registers-are-independent',
    ],
    [
      'all is off while one register is written',
      'this.#writer.write(this.unit, register, info);',
      'this.silence();\n    for (const [at, held] of this.occupants.entries()) if (held && at !== register) this.#writer.write(this.unit, at, held.info);\n    this.#writer.write(this.unit, register, info);',
      'driver/neighbours-stay-armed-at-every-moment',
    ],
  ]),
  ...defectsOf('arch/driver-base.ts', [
    [
      'the copy forgets before the hardware does',
      'if (this.#mutes === 0) this.disarm(register);\n    this.#occupants[register] = undefined;',
      'this.#occupants[register] = undefined;\n    if (this.#mutes === 0) this.disarm(register);',
      'driver/the-copy-never-says-less-than-the-hardware',
    ],
    [
      'what is installed while muted is written at once',
      'if (this.#mutes === 0) this.arm(register, occupant.info);',
      'this.arm(register, occupant.info);',
      'driver/muted-changes-reach-the-hardware-once',
    ],
    [
      'the first unmute writes',
      'if (--this.#mutes > 0) return;',
      'this.#mutes = 0;',
      'driver/mute-silences-and-the-last-unmute-arms-again',
    ],
    [
      'a mute with nothing armed silences',
      'if (this.#stale) this.silence();',
      'this.silence();',
      'driver/a-mute-with-nothing-armed-writes-nothing',
    ],
    [
      'a mute with nothing armed is flushed',
      'if (this.#stale || this.active) this.restore();',
      'this.restore();',
      'driver/a-mute-with-nothing-armed-writes-nothing',
    ],
    [
      'what was removed while muted comes back',
      'if (occupant === undefined) this.disarm(register);\n      else this',
      'if (occupant !== undefined) this',
      'driver/restore-writes-the-copy-whatever-stands-there',
    ],
    [
      'a flush leaves the last register out',
      'flush(): void {\n    for (let register = 0; register < this.#occupants.length; register++)',
      'flush(): void {\n    for (let register = 0; register < Math.max(1, this.#occupants.length - 1); register++)',
      'driver/muted-changes-reach-the-hardware-once',
    ],
    [
      'a restore while muted writes',
      'if (this.#mutes > 0) return;\n    this.flush();',
      'this.flush();',
      'driver/a-restore-waits-for-the-last-unmute',
    ],
    [
      'a quiet mute inside of another is not quiet',
      'if (!quiet || this.#silent) return this.unmute;',
      'if (!quiet || this.#silent || this.#mutes > 1) return this.unmute;',
      'driver/a-mute-that-is-not-quiet-lets-the-writes-wait',
    ],
  ]),
];

const port = [
  ...defectsOf('arch/port-base.ts', [
    [
      'a software breakpoint is nobody’s',
      "if (verdict === NOTIFY_STOP || record.event !== 'breakpoint') return;",
      'return;',
      'together/a-software-breakpoint-is-a-sigtrap',
    ],
    [
      'a software breakpoint is a step',
      'si_code: SI_CODES.TRAP_BRKPT, si_addr: record.cpu.context.pc',
      'si_code: SI_CODES.TRAP_TRACE, si_addr: record.cpu.context.pc',
      'together/a-software-breakpoint-says-what-it-is',
    ],
    [
      'page faults of the kernel are signals',
      "if (cpu.context.mode !== 'user') this.oops(cpu, `${write",
      "if (cpu.context.mode !== 'user' && task === undefined) this.oops(cpu, `${write",
      'together/a-page-fault-in-kernel-mode-is-an-oops',
    ],
    [
      'a page fault says where the instruction is',
      'this.host.machine.signalPageFault(task, address);',
      'this.host.machine.signalPageFault(task, cpu.pc);',
      'together/a-page-fault-in-user-mode-is-a-sigsegv',
    ],
    [
      'a step over a system call is lost',
      'if (stepped) this.signal(task',
      'if (!stepped) return;\n    if (task.alive === undefined) this.signal(task',
      'together/a-step-over-a-system-call-is-a-sigtrap',
    ],
  ]),
  ...defectsOf('arch/after-port.ts', [
    [
      'a data hit sets the resume flag too',
      "if (executes && record.exception?.timing === 'before') this.passBy(record.cpu);",
      'if (seen !== record.status) this.passBy(record.cpu);',
      'together/an-execute-hit-right-behind-a-data-hit',
    ],
    [
      'the resume flag is set in user mode only',
      'if (manifest.resumeFlag) cpu.context.resume = true;',
      "if (manifest.resumeFlag) cpu.context.resume = cpu.context.mode === 'user';",
      'together/delivers-a-hit-once',
    ],
    [
      'the resume flag is never set',
      'if (manifest.resumeFlag) cpu.context.resume = true;',
      'if (manifest.resumeFlag) return;',
      'together/delivers-a-hit-once',
    ],
    [
      'bits of free registers are taken',
      'if (occupant === undefined || !this.takes(occupant, record)) continue;',
      'if (occupant === undefined) record.status &= ~(1 << register);\n      if (occupant === undefined || !this.takes(occupant, record)) continue;',
      'together/consumes-no-status-that-is-nobodys',
    ],
    [
      'a free register ends the search',
      'if (occupant === undefined || !this.takes(occupant, record)) continue;',
      'if (occupants[register] === undefined) break;\n      if (occupant === undefined || !this.takes(occupant, record)) continue;',
      'together/delivers-a-hit-once',
    ],
    [
      'one hit takes the whole status',
      'record.status &= ~(1 << register);',
      'record.status = 0;',
      'together/a-step-is-seen-behind-a-hit',
    ],
    [
      'a step hides in a hit',
      'return status === 0 ? NOTIFY_STOP : NOTIFY_DONE;',
      'return NOTIFY_STOP;',
      'together/a-step-is-seen-behind-a-hit',
    ],
    [
      'own hits are passed on',
      'return status === 0 ? NOTIFY_STOP : NOTIFY_DONE;',
      'return NOTIFY_DONE;',
      'together/own-hits-end-in-the-breakpoint-layer',
    ],
    [
      'a step in the kernel is a signal',
      "if (cpu.context.mode === 'user') {",
      'if (task !== undefined) {',
      'together/a-step-in-kernel-mode-is-no-signal',
    ],
    [
      'a step is signalled as a software breakpoint',
      'stepped ? SI_CODES.TRAP_TRACE',
      'stepped ? SI_CODES.TRAP_BRKPT',
      'together/a-step-says-where-the-task-is',
    ],
    [
      'a step says where it came from',
      'si_code, si_addr: cpu.context.pc',
      'si_code, si_addr: cpu.pc',
      'together/a-step-says-where-the-task-is',
    ],
    [
      'the task of the exception is nobody',
      'cpu, task: this.current(cpu), exception, status }',
      'cpu, task: undefined, exception, status }',
      'together/delivers-a-hit-once',
    ],
    [
      'whoever is in a register at the completion is told',
      '{ hits: record.data.hits } : undefined',
      '{ hits: this.driver(record.cpu).occupants.filter((one) => one !== undefined && record.data.hits.length > 0) } : undefined',
      'together/execute-and-data-hit-of-one-instruction',
    ],
    [
      'without a resume flag accesses behind an execute hit are lost',
      "asked(matchAccesses(this.wanted(cpu), cpu, manifest, 'any'))",
      '[]',
      'together/execute-and-data-hit-of-one-instruction',
    ],
  ]),
  ...defectsOf('arch/before-port.ts', [
    [
      'those that were told at once are told again',
      "asked(matched).filter(({ delivery }) => delivery === 'after')",
      'asked(matched)',
      'together/a-debuggers-hits-send-no-signal',
    ],
    ['a restart completes', 'if (restart === true) return;', '', 'together/a-hit-that-restarts-hits-again'],
    [
      'an access that a debugger was told of comes for ever',
      'if (armed || later.length > 0)',
      'if (later.length > 0)',
      'together/a-debuggers-hits-send-no-signal',
    ],
    [
      'those that want it after are not told beside a debugger',
      'if (armed || later.length > 0) this.completeDisarmed(cpu, later);',
      'if (armed || later.length > 0) this.completeDisarmed(cpu, []);',
      'together/silicon-and-after-on-one-access',
    ],
    [
      'bytes beside what was asked for count',
      'const now = asked(matched).filter(',
      'const now = matched.map(({ occupant }) => occupant).filter(',
      'together/bytes-that-were-not-asked-for-do-not-count',
    ],
    [
      'an execute hit completes with what it accesses',
      "if (when === 'before' && executed.length > 0) return executed;",
      '',
      'together/execute-and-data-hit-of-one-instruction',
    ],
  ]),
  ...defectsOf('arch/match-decoded.ts', [
    [
      'only the first access is looked at',
      'accesses.flatMap((access) => partsOf(',
      'accesses.slice(0, 1).flatMap((access) => partsOf(',
      'together/another-kind-beside-a-hit-is-nobodys',
    ],
  ]),
  ...defectsOf('arch/range-breakpoint.ts', [
    [
      'a port is taken for memory',
      "if (space === 'port') return false;",
      '',
      'together/a-port-beside-an-access-is-no-memory',
    ],
    [
      'loads and stores are exchanged',
      "const loads = kind !== 'write' &&",
      "const loads = kind !== 'read' &&",
      'together/listed-conditions-come-to-the-handler',
    ],
    [
      'an access that ends in front counts',
      'at + BigInt(size) > first;',
      'at + BigInt(size) >= first;',
      'together/bytes-that-were-not-asked-for-do-not-count',
    ],
    [
      'the last byte does not count',
      'const end = address + BigInt(length) + block - 1n;',
      'const end = address + BigInt(length > 1 ? length - 1 : 1) + block - 1n;',
      'together/bytes-that-were-not-asked-for-do-not-count',
    ],
    [
      'kinds are not looked at',
      'if (!loads && !stores) return false;',
      '',
      'together/another-kind-beside-a-hit-is-nobodys',
    ],
  ]),
];

export const coreRoomDefects: readonly Defect[] = [...parse, ...driver, ...port];
