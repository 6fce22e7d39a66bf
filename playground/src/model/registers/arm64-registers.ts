import { levels } from './arm64-levels.js';
import { later, syndromeLayout } from './arm64-syndrome.js';
import {
  addressLayout,
  decode,
  type FieldLayout,
  flag,
  type RegisterLayout,
  type RegisterView,
} from './register-view.js';
import type { ReadRegister, ReadRegisters } from './unit-reader.js';

const ARM = 'Arm ARM (DDI 0487 L.a)';
const manual = (section: number, title: string): string => `${ARM}, D24.3.${section} ${title}`;
const general = (title: string): string => `${ARM}, D24.2 General system control registers: ${title}`;

/** The highest bit of an address; those above copy it. */
const VA_TOP = 48;

/** The fields of a register that holds an address, a multiple of 4. */
const ADDRESS: readonly FieldLayout[] = [
  {
    name: 'RESS',
    low: VA_TOP + 1,
    width: 63 - VA_TOP,
    says: (value, field) => {
      const copies = value === (field('VA') >> BigInt(VA_TOP - 2) === 0n ? 0n : 0x7fffn);
      return copies ? `copies of bit ${VA_TOP}` : `should be copies of bit ${VA_TOP}`;
    },
  },
  {
    name: 'VA',
    low: 2,
    width: VA_TOP - 1,
    says: (value) => `bits ${VA_TOP}:2 of the address: 0x${(value << 2n).toString(16)}`,
  },
];

/** Bytes behind the address that are watched: contiguous ones. */
function bytesOf(select: bigint): string {
  const bytes = [...Array(8).keys()].filter((byte) => (select >> BigInt(byte)) & 1n);
  const [first = 0] = bytes;
  const last = bytes.at(-1) ?? 0;
  if (bytes.length === 0) return 'no byte: reserved';
  if (last - first + 1 !== bytes.length) return 'reserved: bytes with a gap between them';
  return `byte${first === last ? ` ${first}` : `s ${first} to ${last}`} from the address on`;
}

function maskOf(mask: bigint, bas: bigint): string {
  if (mask === 0n) return 'no bit of the address is ignored: BAS says what is watched';
  if (mask < 3n) return 'reserved: the least is 3';
  return `${2n ** mask} bytes: the lowest ${mask} bits are ignored${bas === 0xffn ? '' : '; BAS has to be 0xff then'}`;
}

/** What both kinds of control registers have. */
function common(kind: 'watchpoint' | 'breakpoint'): readonly FieldLayout[] {
  return [
    flag('E', 0, `the ${kind} is on`, `the ${kind} is off`),
    later('SSCE', 29, 1, 'FEAT_RME'),
    later('LBNX', 30, 2, 'FEAT_Debugv8p9'),
  ];
}

const NOT_LINKED = 'ignored: linked to nothing';

const watchpoint = (n: number): readonly RegisterLayout[] => [
  {
    name: `DBGWVR${n}_EL1`,
    meaning: `Address of watchpoint ${n}, a multiple of 4`,
    manual: manual(12, 'DBGWVR<n>_EL1, Debug Watchpoint Value Registers'),
    fields: ADDRESS,
  },
  {
    name: `DBGWCR${n}_EL1`,
    bits: 32,
    meaning: `What watchpoint ${n} watches from there on. Bits 63:32 are reserved`,
    manual: manual(11, 'DBGWCR<n>_EL1, Debug Watchpoint Control Registers'),
    fields: [
      ...common('watchpoint'),
      ...levels('PAC'),
      {
        name: 'LSC',
        low: 3,
        width: 2,
        says: (value) =>
          ['reserved: as if the watchpoint were off', 'loads', 'stores', 'loads and stores'][Number(value)] ?? '',
      },
      { name: 'BAS', low: 5, width: 8, says: bytesOf },
      {
        name: 'LBN',
        low: 16,
        width: 4,
        says: (value, field) => (field('WT') === 0n ? `${NOT_LINKED} (WT=0)` : `linked to breakpoint ${value}`),
      },
      flag('WT', 20, 'linked to the breakpoint that LBN says', 'unlinked: it stands alone'),
      later('WT2', 22, 1, 'FEAT_BWE2'),
      { name: 'MASK', low: 24, width: 5, says: (value, field) => maskOf(value, field('BAS')) },
    ],
  },
];

/** BT without its lowest bit, which is for linking. */
const BREAKPOINT_TYPES = [
  'instruction address match',
  'Context ID match',
  'instruction address mismatch (AArch32, or FEAT_BWE)',
  'CONTEXTIDR_EL1 match (FEAT_Debugv8p1)',
  'VMID match',
  'VMID and Context ID match',
  'CONTEXTIDR_EL2 match (FEAT_Debugv8p1)',
  'full Context ID match: CONTEXTIDR_EL1 and CONTEXTIDR_EL2 (FEAT_Debugv8p1)',
];

/** BT 0, 1, 4 and 5: an address is compared. */
const comparesAddress = (bt: bigint): boolean => (bt & 0b1010n) === 0n;

function typeOf(bt: bigint): string {
  const type = BREAKPOINT_TYPES[Number(bt >> 1n)] ?? '';
  if ((bt & 1n) === 0n) return `unlinked ${type}`;
  return comparesAddress(bt) ? `linked ${type}: LBN says to which breakpoint` : `${type}, others can link to it`;
}

const HALFWORDS: Readonly<Record<number, string>> = {
  15: 'the instruction at the address (A64, A32)',
  3: 'the instruction at the address (T32)',
  12: 'the instruction 2 bytes behind the address (T32)',
};

const breakpointControl = (n: number): RegisterLayout => ({
  name: `DBGBCR${n}_EL1`,
  bits: 32,
  meaning: `Where breakpoint ${n} matches. Bits 63:32 are reserved`,
  manual: manual(2, 'DBGBCR<n>_EL1, Debug Breakpoint Control Registers'),
  fields: [
    ...common('breakpoint'),
    ...levels('PMC'),
    later('BT2', 3, 1, 'FEAT_ABLE'),
    {
      name: 'BAS',
      low: 5,
      width: 4,
      says: (value, field) =>
        comparesAddress(field('BT')) ? (HALFWORDS[Number(value)] ?? 'reserved') : 'ignored: no address is compared',
    },
    {
      name: 'LBN',
      low: 16,
      width: 4,
      says: (value, field) => {
        const bt = field('BT');
        return comparesAddress(bt) && (bt & 1n) === 1n ? `linked to breakpoint ${value}` : `${NOT_LINKED} (BT=${bt})`;
      },
    },
    { name: 'BT', low: 20, width: 4, says: typeOf },
    later('MASK', 24, 5, 'FEAT_BWE'),
  ],
});

const CONTEXT: FieldLayout = { name: 'ContextID', low: 0, width: 32, says: (value) => `Context ID ${value}` };
const CONTEXT_2: FieldLayout = { name: 'ContextID2', low: 32, width: 32, says: (value) => `Context ID ${value}` };
const VMID: FieldLayout = { name: 'VMID[7:0]', low: 32, width: 8, says: (value) => `VMID ${value}` };
const VMID_HIGH: FieldLayout = later('VMID[15:8]', 40, 8, 'FEAT_VMID16');

/** What DBGBVR holds, by BT without its lowest bit. */
const COMPARED: readonly (readonly FieldLayout[])[] = [
  ADDRESS,
  [CONTEXT],
  ADDRESS,
  [CONTEXT],
  [VMID, VMID_HIGH],
  [CONTEXT, VMID, VMID_HIGH],
  [CONTEXT_2],
  [CONTEXT, CONTEXT_2],
];

const breakpointValue = (n: number, bt: number): RegisterLayout => ({
  name: `DBGBVR${n}_EL1`,
  meaning: `What breakpoint ${n} compares: DBGBCR${n}_EL1.BT says whether that is an address, a multiple of 4`,
  manual: manual(3, 'DBGBVR<n>_EL1, Debug Breakpoint Value Registers'),
  fields: COMPARED[bt >> 1] ?? ADDRESS,
});

/** A bit of an external debugger's EDSCR, which software saves and restores here. */
function saved(name: string, low: number, width = 1): FieldLayout {
  return { name, low, width, rest: true, says: () => `to save and restore EDSCR.${name} while the OS Lock is locked` };
}

const MDSCR: RegisterLayout = {
  name: 'MDSCR_EL1',
  bits: 32,
  meaning: 'Monitor debug system control: debug exceptions at all. Bits 63:32 are reserved in Armv8.0',
  manual: manual(20, 'MDSCR_EL1, Monitor Debug System Control Register'),
  fields: [
    flag('SS', 0, 'software step is on', 'no software step'),
    saved('ERR', 6),
    flag('TDCC', 12, 'user mode cannot use the channel to an external debugger', 'user mode can use the channel'),
    flag('KDE', 13, 'debug exceptions in the kernel too', 'none in the kernel'),
    saved('HDE', 14),
    flag('MDE', 15, 'breakpoints and watchpoints are on', 'breakpoints and watchpoints are off'),
    saved('SC2', 19),
    saved('TDA', 21),
    saved('INTdis', 22, 2),
    saved('TXU', 26),
    saved('RXO', 27),
    saved('TXfull', 29),
    saved('RXfull', 30),
    later('TFO', 31, 1, 'FEAT_TRF'),
  ],
};

const FAR = addressLayout(
  'FAR_EL1',
  'Address that the latest watchpoint exception has reported: of the access, not always of a byte that is watched',
  general('FAR_EL1, Fault Address Register (EL1)'),
);

function decodeBy(layout: RegisterLayout, read: ReadRegister): RegisterView {
  return decode(layout, BigInt.asUintN(layout.bits ?? 64, read(layout.name.toLowerCase())));
}

/** As many watchpoints and breakpoints as a CPU has. */
export function arm64Registers({ wrps, brps }: { readonly wrps: number; readonly brps: number }): ReadRegisters {
  const watchpoints = Array.from({ length: wrps }, (_, n) => watchpoint(n)).flat();
  const breakpoints = Array.from({ length: brps }, (_, n) => ({
    control: breakpointControl(n),
    values: Array.from({ length: 16 }, (_unused, bt) => breakpointValue(n, bt)),
  }));
  return (read) => [
    ...watchpoints.map((layout) => decodeBy(layout, read)),
    ...breakpoints.flatMap(({ control: layout, values }) => {
      const bt = Number(read(layout.name.toLowerCase()) >> 20n) & 15;
      return [values[bt] ?? layout, layout].map((one) => decodeBy(one, read));
    }),
    decodeBy(MDSCR, read),
    decodeBy(FAR, read),
    decodeBy(
      syndromeLayout(BigInt.asUintN(32, read('esr_el1')), general('ESR_EL1, Exception Syndrome Register (EL1)')),
      read,
    ),
  ];
}
