import { decode, type FieldLayout, flag, type RegisterLayout } from './register-view.js';
import type { ReadRegisters } from './unit-reader.js';

const DABR_MANUAL = 'Power ISA 2.06, Book III-S, 8.1.2 Data Address Breakpoint';
const DSI_MANUAL = 'Power ISA 3.1, Book III, Interrupts: Data Storage Interrupt';

const PRIVILEGES: readonly FieldLayout[] = [
  flag('PRIVM:PRO', 0, 'matches in problem state (user)', 'not in problem state'),
  flag('PRIVM:PNH', 1, 'matches in the kernel', 'not in the kernel'),
  flag('PRIVM:HYP', 2, 'matches in the hypervisor', 'not in the hypervisor'),
];

function dawr(name: string): readonly RegisterLayout[] {
  const manual = 'Power ISA 3.1, Book III, 9.4 Data Address Watchpoint';
  return [
    {
      name,
      meaning: 'Address of the first doubleword that is watched',
      manual,
      fields: [{ name: 'DEAW', low: 3, width: 61, says: (value) => `from 0x${(BigInt(value) << 3n).toString(16)} on` }],
    },
    {
      name: name.replace('DAWR', 'DAWRX'),
      bits: 32,
      meaning: 'What is watched from there on, and in which modes',
      manual,
      fields: [
        ...PRIVILEGES,
        flag('WTI', 3, 'WT is ignored', 'WT counts'),
        flag('WT', 4, 'compared while data translation is on', 'compared while it is off'),
        flag('DR', 5, 'loads match', 'loads do not match'),
        flag('DW', 6, 'stores match', 'stores do not match'),
        flag('HRAMMC', 7, 'in real mode of the hypervisor the top bit is ignored', 'the top bit counts'),
        { name: 'MRD', low: 10, width: 6, says: (value) => `${8 * (Number(value) + 1)} bytes` },
      ],
    },
  ];
}

/** The data address breakpoint of POWER4 to POWER7. */
const DABR: readonly RegisterLayout[] = [
  {
    name: 'DABR',
    meaning: 'Address of the doubleword that is watched, and which accesses match',
    manual: DABR_MANUAL,
    fields: [
      { name: 'DAB', low: 3, width: 61, says: (value) => `8 bytes from 0x${(BigInt(value) << 3n).toString(16)} on` },
      flag('BT', 2, 'compared while data translation is on', 'compared while it is off'),
      flag('DW', 1, 'stores match', 'stores do not match'),
      flag('DR', 0, 'loads match', 'loads do not match'),
    ],
  },
  {
    name: 'DABRX',
    bits: 32,
    meaning: 'In which modes accesses match',
    manual: DABR_MANUAL,
    fields: [...PRIVILEGES, flag('BTI', 3, 'BT is ignored', 'BT counts')],
  },
];

const CIABR: RegisterLayout = {
  name: 'CIABR',
  meaning: 'Completed instruction address breakpoint: traces one instruction once it has completed',
  manual: 'Power ISA 3.1, Book III, 9.3 Completed Instruction Address Breakpoint',
  fields: [
    { name: 'CIEA', low: 2, width: 62, says: (value) => `instruction at 0x${(BigInt(value) << 2n).toString(16)}` },
    {
      name: 'PRIV',
      low: 0,
      width: 2,
      says: (value) => ['off', 'in problem state', 'in the kernel', 'in the hypervisor'][Number(value)] ?? '',
    },
  ],
};

const DAR: RegisterLayout = {
  name: 'DAR',
  meaning: 'Data address: what the latest data storage interrupt is about',
  manual: DSI_MANUAL,
  fields: [],
};

const DSISR: RegisterLayout = {
  name: 'DSISR',
  bits: 32,
  meaning: 'Cause of the latest data storage interrupt',
  rest: 'other causes',
  manual: DSI_MANUAL,
  fields: [
    flag('DABRMATCH', 22, 'a data address watchpoint matched', 'no watchpoint'),
    flag('ISSTORE', 25, 'the access was a store', 'not said to be a store'),
  ],
};

function reader(layouts: readonly RegisterLayout[]): ReadRegisters {
  return (read) =>
    [...layouts, DAR, DSISR].map((layout) => {
      const spr = layout.name.toLowerCase();
      const numbered = /^dawrx?$/.test(spr) ? `${spr}0` : spr;
      return decode(layout, BigInt.asUintN(layout.bits ?? 64, read(numbered)));
    });
}

/** POWER7: DABR. */
export const power7Registers: ReadRegisters = reader(DABR);
/** POWER8 and POWER9: one DAWR. */
export const power8Registers: ReadRegisters = reader([...dawr('DAWR'), CIABR]);
/** POWER10: two. */
export const power10Registers: ReadRegisters = reader([...dawr('DAWR0'), ...dawr('DAWR1'), CIABR]);
