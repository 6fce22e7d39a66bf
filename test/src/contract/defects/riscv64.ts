import { type Defect, defectsOf } from './defect.js';

/** What somebody may get wrong in the triggers of RISC-V. */
export const riscv64Defects: readonly Defect[] = [
  ...defectsOf('backend/silicon/riscv64-debug-unit.ts', [
    [
      'ports are stores',
      'if (part !== FILTER_READ && part !== FILTER_WRITE) return undefined;',
      '',
      'silicon/ports-are-not-memory',
    ],
    [
      'a reset leaves the first trigger',
      'for (const trigger of this.#triggers) {\n      trigger.tdata1 = 0n;',
      'for (const trigger of this.#triggers.slice(1)) {\n      trigger.tdata1 = 0n;',
      'silicon/reset-disarms-every-register',
    ],
    [
      'a reset does not reach the filter',
      'trigger.setTdata3(0n, 0n, 0n);\n      this.#arm(trigger);',
      'trigger.setTdata3(0n, 0n, 0n);',
      'silicon/reset-disarms-every-register',
    ],
    [
      'a discard forgets nothing',
      'discard(): void {\n    this.#matched = 0;',
      'discard(): void {',
      'silicon/discard-forgets-every-register',
    ],
    [
      'a step is told when something else is not',
      'this.#icountHit ||= state.singleStep;',
      'this.#icountHit ||= state.singleStep && this.pending;',
      'together/a-step-that-nobody-wants-is-a-sigtrap',
    ],
    [
      'the last trigger never matches',
      'const matches: boolean = chained && trigger.matches(',
      'const matches: boolean = index !== this.#triggers.length - 1 && chained && trigger.matches(',
      'driver/listed-conditions-are-accepted-and-hit',
    ],
    [
      'user and supervisor mode are exchanged',
      "if (mode === 'user') return this.virtualized ? MODE_VU : MODE_U;",
      "if (mode === 'user') return this.virtualized ? MODE_VU : MODE_S;",
      'silicon/hits-in-the-modes-that-are-asked-for',
    ],
  ]),
  ...defectsOf('backend/silicon/trigger.ts', [
    [
      'modes are not looked at',
      '|| (this.modes & mode) === 0 ||',
      '||',
      'silicon/hits-in-the-modes-that-are-asked-for',
    ],
    [
      'a range is half as long',
      'this.#length = 2 ** (lowestZero(first) + 1);',
      'this.#length = 2 ** Math.max(1, lowestZero(first));',
      'driver/what-is-accepted-is-watched',
    ],
    [
      'a range begins where it was asked for',
      'first -= first % BigInt(this.#length);',
      '',
      'driver/listed-conditions-are-accepted-and-hit',
    ],
    [
      'the high half is not compared',
      'return rangesOverlap(hi, lo, count, this.#hi',
      'return rangesOverlap(this.#hi, lo, count, this.#hi',
      'silicon/a-fetch-compares-all-address-bits',
    ],
    [
      'the filter has one byte',
      'filter.arm(number, this.conditions, this.#hi, this.#lo, this.#length)',
      'filter.arm(number, this.conditions, this.#hi, this.#lo, 1)',
      'driver/what-is-accepted-is-watched',
    ],
    [
      'a trigger of two conditions has the first',
      '(value & STORE ? CONDITION_WRITE : 0) |',
      '(value & STORE && !(value & LOAD) ? CONDITION_WRITE : 0) |',
      'driver/what-is-accepted-is-watched',
    ],
  ]),
  ...defectsOf('backend/driver/trigger-breakpoint.ts', [
    [
      'a range of any length is one',
      '(length & (length - 1n)) === 0n && address % length === 0n',
      'address % length === 0n',
      'driver/what-is-accepted-is-watched',
    ],
    [
      'a range lies anywhere',
      '(length & (length - 1n)) === 0n && address % length === 0n',
      '(length & (length - 1n)) === 0n',
      'driver/unlisted-conditions-are-refused',
    ],
    [
      'exclude_kernel is not looked at',
      'if (kernel) tdata1 |= S_MODE;',
      'tdata1 |= S_MODE;',
      'silicon/hits-in-the-modes-that-are-asked-for',
    ],
    [
      'NAPOT is encoded one too long',
      'BigInt(length / 2 - 1)',
      'BigInt(length - 1)',
      'driver/listed-conditions-are-accepted-and-hit',
    ],
    [
      'loads and stores are exchanged',
      'const BITS = [LOAD, STORE, EXECUTE] as const;',
      'const BITS = [STORE, LOAD, EXECUTE] as const;',
      'driver/listed-conditions-are-accepted-and-hit',
    ],
  ]),
  ...defectsOf('backend/driver/riscv64-driver.ts', [
    [
      'a trigger is not disabled',
      'unit.writeCsr(CSR.TDATA1, 0n);\n  if (info === undefined) return;',
      'if (info === undefined) return;',
      'silicon/every-register-watches-every-condition',
    ],
    [
      'what it is is written before the address',
      'unit.writeCsr(CSR.TDATA2, info.tdata2);',
      'unit.writeCsr(CSR.TDATA1, info.tdata1);\n  unit.writeCsr(CSR.TDATA2, info.tdata2);',
      'driver/nothing-else-is-armed-at-any-moment',
    ],
    [
      'the trigger is not selected to be disabled',
      'unit.writeCsr(CSR.TSELECT, BigInt(register));',
      'if (info !== undefined) unit.writeCsr(CSR.TSELECT, BigInt(register));',
      'silicon/filter-never-hides-a-hit',
    ],
  ]),
  ...defectsOf('backend/driver/riscv64-port.ts', [
    [
      'a step is not acknowledged',
      'unit.writeCsr(CSR.TDATA1, tdata1 & ~hit);',
      'if (register < unit.triggers) unit.writeCsr(CSR.TDATA1, tdata1 & ~hit);',
      'together/a-step-is-seen-behind-a-hit',
    ],
    [
      'a mode that was excluded counts',
      'const asked: Readonly<Record<Mode, boolean>> = { user, kernel, hypervisor: false };',
      'const asked: Readonly<Record<Mode, boolean>> = { user, kernel: user || kernel, hypervisor: false };',
      'together/an-excluded-mode-beside-a-hit',
    ],
  ]),
];
