import { decode, type FieldLayout, flag, type RegisterLayout } from './register-view.js';
import type { ReadRegisters } from './unit-reader.js';

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
        { name: 'MRD', low: 10, width: 6, says: (value) => `${8 * (Number(value) + 1)} bytes` },
      ],
    },
  ];
}

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
  manual: 'Power ISA, Book III, 6.5.3 Data Storage Interrupt',
  fields: [],
};

const DSISR: RegisterLayout = {
  name: 'DSISR',
  bits: 32,
  meaning: 'Cause of the latest data storage interrupt',
  manual: 'Power ISA, Book III, 6.5.3 Data Storage Interrupt',
  fields: [
    flag('DABRMATCH', 22, 'a data address watchpoint matched', 'no watchpoint'),
    flag('ISSTORE', 25, 'the access was a store', 'not said to be a store'),
  ],
};

function reader(dawrs: readonly (readonly RegisterLayout[])[]): ReadRegisters {
  return (read) =>
    [...dawrs.flat(), CIABR, DAR, DSISR].map((layout) => {
      const spr = layout.name.toLowerCase();
      const numbered = /^dawrx?$/.test(spr) ? `${spr}0` : spr;
      return decode(layout, BigInt.asUintN(layout.bits ?? 64, read(numbered)));
    });
}

/** POWER8: one DAWR. */
export const power8Registers: ReadRegisters = reader([dawr('DAWR')]);
/** POWER10: two. */
export const power10Registers: ReadRegisters = reader([dawr('DAWR0'), dawr('DAWR1')]);
