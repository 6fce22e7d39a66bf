import { addressLayout, choice, decode, type FieldLayout, flag, type RegisterLayout } from './register-view.js';
import type { ReadRegisters } from './unit-reader.js';

const PRIVILEGES = ['by HMC', 'in the kernel (EL1)', 'in user mode (EL0)', 'in EL1 and EL0'];
const manual = (register: string): string => `Arm ARM (DDI 0487 L.a), D24.3 Debug registers: ${register}`;
const general = (register: string): string =>
  `Arm ARM (DDI 0487 L.a), D24.2 General system control registers: ${register}`;

/** Bytes behind the address that are watched. */
function bytesOf(select: number | bigint): string {
  const bytes = [...Array(8).keys()].filter((byte) => (BigInt(select) >> BigInt(byte)) & 1n);
  return bytes.length === 0
    ? 'no byte'
    : `byte${bytes.length === 1 ? '' : 's'} ${bytes.join(', ')} from the address on`;
}

function control(name: string, meaning: string, register: string, more: readonly FieldLayout[]): RegisterLayout {
  return {
    name,
    bits: 32,
    meaning,
    manual: manual(register),
    fields: [
      flag('E', 0, 'on', 'off'),
      flag('HMC', 13, 'in EL2 too', 'not in EL2'),
      choice('SSC', 14, 2, ['in both security states', 'non-secure', 'secure', 'secure']),
      { name: 'LBN', low: 16, width: 4, says: (value) => `linked to breakpoint ${value}` },
      ...more,
    ],
  };
}

const watchpoint = (n: number): readonly RegisterLayout[] => [
  addressLayout(`DBGWVR${n}_EL1`, `Address of watchpoint ${n}, a multiple of 4`, manual('DBGWVR<n>_EL1')),
  control(`DBGWCR${n}_EL1`, `What watchpoint ${n} watches from there on`, 'DBGWCR<n>_EL1', [
    choice('PAC', 1, 2, PRIVILEGES),
    { name: 'BAS', low: 5, width: 8, says: bytesOf },
    choice('LSC', 3, 2, ['nothing', 'loads', 'stores', 'loads and stores']),
    flag('WT', 20, 'linked to a context breakpoint', 'stands alone'),
    {
      name: 'MASK',
      low: 24,
      width: 5,
      says: (value) => (BigInt(value) === 0n ? 'no bit of the address is ignored' : `${value} low bits are ignored`),
    },
  ]),
];

const breakpoint = (n: number): readonly RegisterLayout[] => [
  addressLayout(`DBGBVR${n}_EL1`, `Address of breakpoint ${n}, a multiple of 4`, manual('DBGBVR<n>_EL1')),
  control(`DBGBCR${n}_EL1`, `Where breakpoint ${n} matches`, 'DBGBCR<n>_EL1', [
    choice('PMC', 1, 2, PRIVILEGES),
    {
      name: 'BAS',
      low: 5,
      width: 4,
      says: (value) => (Number(value) === 0xf ? 'the instruction there' : 'part of it'),
    },
    { name: 'BT', low: 20, width: 4, says: (value) => (BigInt(value) === 0n ? 'an address' : `type ${value}`) },
  ]),
];

const OTHERS: readonly RegisterLayout[] = [
  {
    name: 'MDSCR_EL1',
    bits: 32,
    meaning: 'Monitor debug system control: debug exceptions at all',
    manual: manual('MDSCR_EL1'),
    rest: 'of an external debugger, or reserved',
    fields: [
      flag('SS', 0, 'software step is on', 'no software step'),
      flag('TDCC', 12, 'user mode cannot use the channel to an external debugger', 'user mode can use the channel'),
      flag('HDE', 14, 'halting debug: an external debugger is told', 'no halting debug'),
      flag('TDA', 21, 'accesses to debug registers halt', 'accesses to debug registers do not halt'),
      flag('KDE', 13, 'debug exceptions in the kernel too', 'none in the kernel'),
      flag('MDE', 15, 'breakpoints and watchpoints are on', 'breakpoints and watchpoints are off'),
    ],
  },
  addressLayout('FAR_EL1', 'Address that the latest watchpoint exception has reported', general('FAR_EL1')),
  {
    name: 'ESR_EL1',
    bits: 32,
    meaning: 'Syndrome of the latest debug exception',
    manual: general('ESR_EL1'),
    rest: 'more of the syndrome',
    fields: [
      flag('CM', 8, 'cache maintenance', 'no cache maintenance'),
      {
        name: 'EC',
        low: 26,
        width: 6,
        says: (value) => {
          const what = ['breakpoint', 'software step', 'watchpoint'][(Number(value) - 0x30) >> 1];
          return what === undefined || Number(value) < 0x30
            ? 'no debug exception yet'
            : `${what} in ${Number(value) & 1 ? 'the kernel' : 'user mode'}`;
        },
      },
      flag('IL', 25, 'an instruction of 32 bits', 'none yet'),
      flag('WnR', 6, 'the access was a store', 'a load, or no access'),
      { name: 'DFSC', low: 0, width: 6, says: (value) => (Number(value) === 0x22 ? 'debug exception' : 'none yet') },
    ],
  },
];

/** As many watchpoints and breakpoints as a CPU has. */
export function arm64Registers({ wrps, brps }: { readonly wrps: number; readonly brps: number }): ReadRegisters {
  const layouts = [
    ...Array.from({ length: wrps }, (_, n) => watchpoint(n)).flat(),
    ...Array.from({ length: brps }, (_, n) => breakpoint(n)).flat(),
    ...OTHERS,
  ];
  return (read) =>
    layouts.map((layout) => decode(layout, BigInt.asUintN(layout.bits ?? 64, read(layout.name.toLowerCase()))));
}
