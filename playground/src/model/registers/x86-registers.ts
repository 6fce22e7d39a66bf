import { addressLayout, decode, type FieldLayout, flag, type RegisterLayout, reserved } from './register-view.js';
import type { ReadRegisters } from './unit-reader.js';

/** What the manuals of the makers differ in. */
interface Manual {
  readonly addresses: string;
  readonly status: string;
  readonly control: string;
  /** What a B bit says beside that its condition was met. */
  readonly met: string;
  /** DR6 from bit 16 up. */
  readonly upperStatus: readonly FieldLayout[];
  /** Bits 11 and 12 of DR7. */
  readonly middleControl: readonly FieldLayout[];
  /** Whose CPUs no longer look at LE and GE. */
  readonly exact: string;
}

const ONES = 'reserved: reads as 1, whatever is written';
const ZEROES = 'reserved: reads as 0';

const SDM = 'Intel SDM vol. 3 (order 325384-083)';
const INTEL: Manual = {
  addresses: `${SDM}, 18.2.1 Debug Address Registers (DR0-DR3)`,
  status: `${SDM}, 18.2.3 Debug Status Register (DR6)`,
  control: `${SDM}, 18.2.4 Debug Control Register (DR7)`,
  met: ' (that may be so although DR7 does not enable it)',
  upperStatus: [
    flag(
      'RTM',
      16,
      'not inside a transactional region (inverted: 0 would be inside one)',
      'inside a transactional region, with advanced debugging of those',
    ),
    reserved(31, 17, ONES),
  ],
  middleControl: [
    flag(
      'RTM',
      11,
      'advanced debugging of transactional regions, if IA32_DEBUGCTL.RTM is set too',
      'no advanced debugging of transactional regions',
    ),
    reserved(12, 12, ZEROES),
  ],
  exact: 'since the P6 family',
};

const APM = 'AMD APM vol. 2 (24593, of June 2023 or later)';
const AMD: Manual = {
  addresses: `${APM}, 13.1.1.1 Address-Breakpoint Registers (DR0-DR3)`,
  status: `${APM}, 13.1.1.3 Debug-Status Register (DR6)`,
  control: `${APM}, 13.1.1.4 Debug-Control Register (DR7)`,
  met: '',
  upperStatus: [reserved(31, 16, ONES)],
  middleControl: [reserved(12, 11, ZEROES)],
  exact: 'by every AMD64 CPU',
};

const NUMBERS = [0, 1, 2, 3] as const;

const addressOf = (n: number, { addresses }: Manual): RegisterLayout =>
  addressLayout(`DR${n}`, `Linear address of breakpoint ${n}; LEN${n} says how many bytes from there on`, addresses);

function status({ status: manual, met, upperStatus }: Manual): RegisterLayout {
  return {
    name: 'DR6',
    bits: 32,
    meaning:
      'Debug status: what the latest debug exception was about; 0xffff0ff0 says nothing. Bits 63:32 are reserved, and 0',
    manual,
    fields: [
      ...NUMBERS.map((n) =>
        flag(`B${n}`, n, `the condition of breakpoint ${n} was met${met}`, `breakpoint ${n}: nothing was met`),
      ),
      reserved(10, 4, ONES),
      flag('BLD', 11, 'no bus lock was detected (inverted: 0 would be one)', 'a bus lock was detected'),
      reserved(12, 12, ZEROES),
      flag('BD', 13, 'a debug register was about to be accessed while DR7.GD was set', 'no access to a debug register'),
      flag('BS', 14, 'single step', 'no single step'),
      flag('BT', 15, 'switch to a task whose TSS has its T bit set', 'no task switch'),
      ...upperStatus,
    ],
  };
}

const CONDITIONS = [
  'the instruction at the address is about to execute',
  'stores',
  'I/O ports, if CR4.DE is set; undefined otherwise',
  'loads and stores, no instruction fetches',
];
const LENGTHS = [
  '1 byte',
  '2 bytes, from a multiple of 2 on',
  '8 bytes, from a multiple of 8 on (64-bit CPUs)',
  '4 bytes, from a multiple of 4 on',
];

/** The fields of DR7 that belong to one breakpoint. */
function breakpoint(n: number): readonly FieldLayout[] {
  const enable = (name: string, low: number, where: string, other: string): FieldLayout => ({
    name,
    low,
    says: (on, field) => {
      if (on !== 0n) return `breakpoint ${n} is on ${where}`;
      return field(other) === 0n ? `breakpoint ${n} is off: neither L${n} nor G${n}` : `off, but ${other} has it on`;
    },
  });
  return [
    enable(`L${n}`, 2 * n, 'in this task (a task switch by hardware clears it)', `G${n}`),
    enable(`G${n}`, 2 * n + 1, 'in every task', `L${n}`),
    { name: `R/W${n}`, low: 16 + 4 * n, width: 2, says: (value) => CONDITIONS[Number(value)] ?? '' },
    {
      name: `LEN${n}`,
      low: 18 + 4 * n,
      width: 2,
      says: (value, field) => {
        if (field(`R/W${n}`) !== 0n) return LENGTHS[Number(value)] ?? '';
        return value === 0n
          ? '0, as execution (R/W = 0) wants it: the first byte of the instruction'
          : 'must be 0 for execution (R/W = 0): undefined';
      },
    },
  ];
}

function control({ control: manual, middleControl, exact }: Manual): RegisterLayout {
  const ignored = (name: string, low: number, what: string): FieldLayout =>
    flag(name, low, `${what} exact breakpoints are asked for: ignored ${exact}`, `clear; ignored ${exact} anyway`);
  return {
    name: 'DR7',
    bits: 32,
    meaning: 'Debug control: which breakpoints are on, and what each watches. Bits 63:32 are reserved, and 0',
    manual,
    fields: [
      ...NUMBERS.flatMap(breakpoint),
      ignored('LE', 8, 'local'),
      ignored('GE', 9, 'global'),
      reserved(10, 10, ONES),
      ...middleControl,
      flag(
        'GD',
        13,
        'any access to a debug register raises #DB, which clears this',
        'privileged code can access debug registers',
      ),
      reserved(15, 14, ZEROES),
    ],
  };
}

/** DR0 to DR3, DR6 and DR7. */
function registers(manual: Manual): ReadRegisters {
  const addresses = NUMBERS.map((n) => addressOf(n, manual));
  const [dr6, dr7] = [status(manual), control(manual)];
  return (read) => [
    ...addresses.map((layout, n) => decode(layout, read(`dr${n}`))),
    decode(dr6, BigInt.asUintN(32, read('dr6'))),
    decode(dr7, BigInt.asUintN(32, read('dr7'))),
  ];
}

/** As Intel's manual has them. */
export const intelRegisters: ReadRegisters = registers(INTEL);
/** As AMD's has them. */
export const amdRegisters: ReadRegisters = registers(AMD);
