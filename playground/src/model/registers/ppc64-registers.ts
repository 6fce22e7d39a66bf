import { CPU_MODELS, type Ppc64Cpu } from '@hwbp/arch-ppc64';
import { addressLayout, choice, decode, type FieldLayout, flag, type RegisterLayout } from './register-view.js';
import type { ReadRegisters } from './unit-reader.js';

/** An edition of the manual, and what its Book of the operating environment is called. */
interface Edition {
  readonly isa: (typeof CPU_MODELS)[Ppc64Cpu]['isa'];
  readonly book: string;
}

/** Version 3.0 has given up the embedded environment, which had a Book III of its own. */
const editionOf = (isa: Edition['isa']): Edition => ({
  isa,
  book: `Power ISA ${isa.toFixed(isa === 3 || isa === 3.1 ? 1 : 2)}, Book ${isa < 3 ? 'III-S' : 'III'}`,
});

/** The manual counts bits from the left. */
const ISA = { countsFromLeft: 'ISA' } as const;

const PRIVILEGES: readonly FieldLayout[] = [
  flag('PRIVM:PRO', 0, 'part of PRIVM: matches in problem state (user)', 'part of PRIVM: not in problem state'),
  flag('PRIVM:PNH', 1, 'part of PRIVM: matches in the kernel', 'part of PRIVM: not in the kernel'),
  flag('PRIVM:HYP', 2, 'part of PRIVM: matches in the hypervisor', 'part of PRIVM: not in the hypervisor'),
];

/** Whether data translation counts: one bit says for which of its states, another that it does not matter. */
function translation(name: string, low: number, ignore?: string): FieldLayout {
  return {
    name,
    low,
    says: (value, field) => {
      if (ignore !== undefined && field(ignore) !== 0n) return `ignored: ${ignore} is set`;
      return `compared while data translation (MSR[DR]) is ${value === 0n ? 'off' : 'on'}`;
    },
  };
}

function dawr(name: string, { isa, book }: Edition): readonly RegisterLayout[] {
  const manual = `${book}, Debug Facilities: Data Address Watchpoint`;
  const end = isa < 3.1 ? '; they end at the next multiple of 512 bytes at the latest' : '';
  return [
    {
      ...ISA,
      name,
      meaning: 'Address of the first doubleword that is watched',
      manual,
      fields: [{ name: 'DEAW', low: 3, width: 61, says: (value) => `from 0x${(value << 3n).toString(16)} on` }],
    },
    {
      ...ISA,
      name: name.replace('DAWR', 'DAWRX'),
      bits: 32,
      meaning: 'What is watched from there on, and in which modes',
      manual,
      fields: [
        ...PRIVILEGES,
        flag('WTI', 3, 'WT is ignored', 'WT counts'),
        translation('WT', 4, 'WTI'),
        flag('DR', 5, 'loads match', 'loads do not match'),
        flag('DW', 6, 'stores match', 'stores do not match'),
        flag('HRAMMC', 7, 'in real mode of the hypervisor the top bit is ignored', 'the top bit counts'),
        { name: 'MRD', low: 10, width: 6, says: (value) => `${8n * (value + 1n)} bytes${end}` },
      ],
    },
  ];
}

/** The data address breakpoint of POWER4 to POWER7. */
function dabr({ book }: Edition): readonly RegisterLayout[] {
  const manual = `${book}, Debug Facilities: Data Address Breakpoint`;
  return [
    {
      ...ISA,
      name: 'DABR',
      meaning: 'Address of the doubleword that is watched, and which accesses match',
      manual,
      fields: [
        { name: 'DAB', low: 3, width: 61, says: (value) => `8 bytes from 0x${(value << 3n).toString(16)} on` },
        translation('BT', 2),
        flag('DW', 1, 'stores match', 'stores do not match'),
        flag('DR', 0, 'loads match', 'loads do not match'),
      ],
    },
    {
      ...ISA,
      name: 'DABRX',
      bits: 32,
      meaning: 'In which modes accesses match',
      manual,
      fields: [...PRIVILEGES, flag('BTI', 3, 'DABR.BT is ignored', 'DABR.BT counts')],
    },
  ];
}

function ciabr({ book }: Edition): RegisterLayout {
  return {
    ...ISA,
    name: 'CIABR',
    meaning: 'Completed instruction address breakpoint: traces one instruction once it has completed',
    manual: `${book}, Debug Facilities: Completed Instruction Address Breakpoint`,
    fields: [
      { name: 'CIEA', low: 2, width: 62, says: (value) => `instruction at 0x${(value << 2n).toString(16)}` },
      choice('PRIV', 0, 2, ['off', 'in problem state (user)', 'in the kernel', 'in the hypervisor']),
    ],
  };
}

/** What tells of the latest exception. */
function reports({ isa, book }: Edition): readonly RegisterLayout[] {
  const manual = `${book}, Interrupts: Data Storage Interrupt`;
  const what = isa < 2.07 ? 'breakpoint' : 'watchpoint';
  return [
    addressLayout('DAR', 'Data address: what the latest data storage interrupt is about', manual),
    {
      ...ISA,
      name: 'DSISR',
      bits: 32,
      meaning:
        'Cause of the latest data storage interrupt; the names of its bits are those of Linux, the ISA has numbers alone',
      rest: 'other causes',
      manual,
      fields: [
        flag('DABRMATCH', 22, `a data address ${what} matched (ISA bit 41)`, `no data address ${what} (ISA bit 41)`),
        flag('ISSTORE', 25, 'the access was a store (ISA bit 38)', 'the access was no store (ISA bit 38)'),
      ],
    },
  ];
}

/** The registers of a CPU, as the edition of the manual has them that the CPU was built by. */
export function ppc64Registers(cpu: Ppc64Cpu): ReadRegisters {
  const { isa, watches } = CPU_MODELS[cpu];
  const edition = editionOf(isa);
  const layouts = [
    ...(isa < 2.07 ? dabr(edition) : [...watches.flatMap(({ name }) => dawr(name, edition)), ciabr(edition)]),
    ...reports(edition),
  ];
  return (read) =>
    layouts.map((layout) => {
      const spr = layout.name.toLowerCase();
      const numbered = /^dawrx?$/.test(spr) ? `${spr}0` : spr;
      return decode(layout, BigInt.asUintN(layout.bits ?? 64, read(numbered)));
    });
}
