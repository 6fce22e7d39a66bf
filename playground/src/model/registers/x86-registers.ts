import { addressLayout, choice, decode, type FieldLayout, flag, type RegisterLayout } from './register-view.js';
import type { ReadRegisters } from './unit-reader.js';

const SDM = 'Intel SDM vol. 3';
const NUMBERS = [0, 1, 2, 3] as const;

const ADDRESSES = NUMBERS.map((n) =>
  addressLayout(
    `DR${n}`,
    `Linear address of breakpoint ${n}; LEN${n} says how many bytes from there on`,
    `${SDM}, 18.2.1 Debug Address Registers (DR0-DR3)`,
  ),
);

const STATUS: RegisterLayout = {
  name: 'DR6',
  bits: 32,
  meaning: 'Debug status: what the latest debug exception was about',
  manual: `${SDM}, 18.2.3 Debug Status Register (DR6)`,
  fields: [
    ...NUMBERS.map((n) =>
      flag(`B${n}`, n, `the condition of breakpoint ${n} was met`, `breakpoint ${n}: nothing was met`),
    ),
    flag('BLD', 11, 'no bus lock was detected (inverted)', 'a bus lock was detected'),
    flag('BD', 13, 'a debug register was accessed while DR7.GD was set', 'no access to a debug register'),
    flag('BS', 14, 'single step', 'no single step'),
    flag('BT', 15, 'task switch', 'no task switch'),
    flag('RTM', 16, 'outside of a transaction (inverted)', 'inside of a transaction'),
  ],
};

const LENGTHS = ['1 byte', '2 bytes', '8 bytes', '4 bytes'];
const CONDITIONS = ['execution of an instruction', 'stores', 'I/O ports', 'loads and stores'];

const CONTROL: RegisterLayout = {
  name: 'DR7',
  bits: 32,
  meaning: 'Debug control: which breakpoints are on, and what each watches',
  manual: `${SDM}, 18.2.4 Debug Control Register (DR7)`,
  fields: [
    ...NUMBERS.flatMap((n): FieldLayout[] => [
      flag(`L${n}`, 2 * n, `breakpoint ${n} is on in this task`, `breakpoint ${n} is not locally on`),
      flag(`G${n}`, 2 * n + 1, `breakpoint ${n} is on in every task`, `breakpoint ${n} is not globally on`),
      choice(`R/W${n}`, 16 + 4 * n, 2, CONDITIONS),
      choice(`LEN${n}`, 18 + 4 * n, 2, LENGTHS),
    ]),
    flag('LE', 8, 'exact local breakpoints (ignored since P6)', 'off'),
    flag('GE', 9, 'exact global breakpoints (ignored since P6; Linux sets it)', 'off'),
    flag('RTM', 11, 'advanced debugging of transactions', 'off'),
    flag('GD', 13, 'any access to a debug register raises #DB', 'debug registers can be accessed'),
  ],
};

/** DR0 to DR3, DR6 and DR7. */
export const x86Registers: ReadRegisters = (read) => [
  ...ADDRESSES.map((layout, n) => decode(layout, read(`dr${n}`))),
  decode(STATUS, BigInt.asUintN(32, read('dr6'))),
  decode(CONTROL, BigInt.asUintN(32, read('dr7'))),
];
