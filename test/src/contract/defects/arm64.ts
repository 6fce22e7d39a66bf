import { type Defect, defectsOf } from './defect.js';

/** What somebody may get wrong in the registers of arm64. */
export const arm64Defects: readonly Defect[] = [
  ...defectsOf('backend/silicon/comparator.ts', [
    [
      'the high half is not compared',
      '!rangesOverlap(hi & UNTAGGED, lo, size, firstHi, this.firstLo, this.length)',
      '!rangesOverlap(firstHi, lo, size, firstHi, this.firstLo, this.length)',
      'silicon/a-fetch-compares-all-address-bits',
    ],
    [
      'loads and stores are exchanged',
      '((type & TYPE_LOAD) !== 0 ? CONDITION_READ : 0) | ((type & TYPE_STORE) !== 0 ? CONDITION_WRITE : 0)',
      '((type & TYPE_LOAD) !== 0 ? CONDITION_WRITE : 0) | ((type & TYPE_STORE) !== 0 ? CONDITION_READ : 0)',
      'driver/listed-conditions-are-accepted-and-hit',
    ],
    [
      'the last byte of BAS is not watched',
      'this.length = last - first + 1;',
      'this.length = Math.max(1, last - first);',
      'driver/what-is-accepted-is-watched',
    ],
    [
      'BAS begins with the first byte of the doubleword',
      'this.firstLo = (lo & ~3) + first;',
      'this.firstLo = lo & ~3;',
      'driver/listed-conditions-are-accepted-and-hit',
    ],
    [
      'the filter has one byte',
      'filter.arm(number, this.conditions, this.firstHi, this.firstLo, this.length)',
      'filter.arm(number, this.conditions, this.firstHi, this.firstLo, 1)',
      'silicon/filter-covers-every-listed-condition',
    ],
  ]),
  ...defectsOf('backend/silicon/arm64-debug-unit.ts', [
    [
      'ports are stores',
      'if (part !== FILTER_READ && part !== FILTER_WRITE) return undefined;',
      '',
      'silicon/ports-are-not-memory',
    ],
    [
      'a reset leaves the watchpoints',
      'for (let n = 0; n < this.#watchpoints.length; n++) this.setWatchpoint(n, 0, 0, 0);',
      '',
      'silicon/reset-disarms-every-register',
    ],
    [
      'a reset leaves the last breakpoint',
      'for (let n = 0; n < this.#breakpoints.length; n++) this.setBreakpoint(n, 0, 0, 0);',
      'for (let n = 0; n < this.#breakpoints.length - 1; n++) this.setBreakpoint(n, 0, 0, 0);',
      'silicon/reset-disarms-every-register',
    ],
    [
      'the last watchpoint never matches',
      'for (const comparator of this.#watchpoints) {',
      'for (const comparator of this.#watchpoints.slice(0, -1)) {',
      'driver/listed-conditions-are-accepted-and-hit',
    ],
    [
      'KDE is not looked at',
      "return mode === 'user' || ((this.#mdscr & MDSCR_KDE) !== 0 && !this.#masked);",
      "return mode === 'user';",
      'silicon/hits-in-the-modes-that-are-asked-for',
    ],
    [
      "a step is a breakpoint's",
      'if (!singleStep || this.#isMasked(mode)) return undefined;',
      "if (!singleStep || mode === 'user') return undefined;",
      'silicon/single-step-traps-after-each-instruction',
    ],
  ]),
  ...defectsOf('backend/driver/arm64-driver.ts', [
    ['the OS lock stays', 'if (unit.osLock) unit.osLock = false;', '', 'driver/listed-conditions-are-accepted-and-hit'],
    [
      'MDE stays off',
      'const wanted = MDSCR_MDE | ((info.privilege',
      'const wanted = 0 | ((info.privilege',
      'driver/listed-conditions-are-accepted-and-hit',
    ],
    [
      'KDE stays off',
      '((info.privilege & PRIVILEGE_EL1) !== 0 ? MDSCR_KDE : 0)',
      '0',
      'silicon/hits-in-the-modes-that-are-asked-for',
    ],
    [
      'one that leaves turns all off',
      '      if (other === register || occupant === undefined) continue;\n      wanted |=',
      '      if (other !== register || occupant === undefined) continue;\n      wanted |=',
      'driver/unmute-writes-who-is-there-now',
    ],
    [
      'breakpoints begin at the first register',
      'else this.unit.setBreakpoint(register - this.#wrps, hi, lo, control);',
      'else this.unit.setBreakpoint(0, hi, lo, control);',
      'driver/install-leaves-neighbours-armed',
    ],
    [
      'a watchpoint is not disarmed',
      'if (register < this.#wrps) unit.setWatchpoint(register, 0, 0, 0);',
      'if (register < this.#wrps) unit.setWatchpoint(0, 0, 0, 0);',
      'silicon/every-register-watches-every-condition',
    ],
  ]),
  ...defectsOf('backend/driver/parse.ts', [
    [
      'a length of 0 is one',
      'if (asked < 1n || asked > LONGEST) {',
      'if (asked > LONGEST) {',
      'driver/unlisted-conditions-are-refused',
    ],
    [
      'bytes across a doubleword are cut',
      '<= 0xff) return block;',
      '<= 0xffff) return block;',
      'driver/unlisted-conditions-are-refused',
    ],
    [
      'the mask is not shifted',
      'const bas = maskOf(length) << Number(address - base);',
      'const bas = maskOf(length);',
      'driver/listed-conditions-are-accepted-and-hit',
    ],
    [
      'exclude_kernel is not looked at',
      '(exclude_kernel === true ? 0 : PRIVILEGE_EL1)',
      'PRIVILEGE_EL1',
      'silicon/hits-in-the-modes-that-are-asked-for',
    ],
    [
      'the kernel begins with its second byte',
      'const kernels = address >= taskSize && last >= taskSize;',
      'const kernels = address > taskSize && last > taskSize;',
      'driver/kernel-space-is-judged-by-every-byte',
    ],
    [
      'execute breakpoints are stores',
      '[HW_BREAKPOINT_X, { type: TYPE_EXECUTE, conditions: CONDITION_FETCH }],',
      '[HW_BREAKPOINT_X, { type: TYPE_STORE, conditions: CONDITION_WRITE }],',
      'driver/unlisted-conditions-are-refused',
    ],
  ]),
  ...defectsOf('backend/driver/arm64-port.ts', [
    [
      "a step is nobody's",
      "this.signal(task, { si_signo: 'SIGTRAP', si_code: SI_CODES.TRAP_TRACE, si_addr: cpu.context.pc });",
      '',
      'together/a-step-that-nobody-wants-is-a-sigtrap',
    ],
    [
      "the kernel's hits are copies",
      'return !excluded.includes(mode) && !(copy && this.#silentCopies);',
      'return copy;',
      'together/delivers-a-hit-once',
    ],
  ]),
];
