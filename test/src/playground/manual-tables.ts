/*
 * Registers as the manuals' own tables have them, bit by bit, typed from these and not from what the page says: each
 * row is a field, its highest and its lowest bit. Bits in no row are reserved there.
 *
 * - Intel SDM vol. 3 (325384-083), 18.2; AMD APM vol. 2 (24593), 13.1.1.3 and 13.1.1.4.
 * - Power ISA 2.06, Book III-S (DABR, DABRX), 2.07 and later (DAWR, DAWRX, CIABR, DSISR): numbered from the left.
 * - Arm ARM (DDI 0487 L.a), D24.2 and D24.3, as a CPU of Armv8.0 with addresses of 49 bits has them.
 * - RISC-V Debug Specification 1.0, Sdtrig, Trigger Module Registers, XLEN = 64.
 */

/** A register under the name of the page. */
export interface ManualRegister {
  readonly register: string;
  /** Rows `name high low`. */
  readonly fields: string;
  /** What registers hold where the layout depends on that; by the names that instructions have for them. */
  readonly holding?: Readonly<Record<string, bigint>>;
  /** Bits are numbered from the left, 0 to 63. */
  readonly fromLeft?: true;
}

const address = (register: string): ManualRegister => ({ register, fields: '' });

// --- x86 ---

const DR_ADDRESSES = [0, 1, 2, 3].map((n) => address(`DR${n}`));

const DR6_COMMON = `
  BT 15 15
  BS 14 14
  BD 13 13
  BLD 11 11
  B3 3 3
  B2 2 2
  B1 1 1
  B0 0 0`;

const DR7_COMMON = `
  LEN3 31 30
  R/W3 29 28
  LEN2 27 26
  R/W2 25 24
  LEN1 23 22
  R/W1 21 20
  LEN0 19 18
  R/W0 17 16
  GD 13 13
  GE 9 9
  LE 8 8
  G3 7 7
  L3 6 6
  G2 5 5
  L2 4 4
  G1 3 3
  L1 2 2
  G0 1 1
  L0 0 0`;

export const INTEL: readonly ManualRegister[] = [
  ...DR_ADDRESSES,
  { register: 'DR6', fields: `RTM 16 16\n${DR6_COMMON}` },
  { register: 'DR7', fields: `RTM 11 11\n${DR7_COMMON}` },
];

export const AMD: readonly ManualRegister[] = [
  ...DR_ADDRESSES,
  { register: 'DR6', fields: DR6_COMMON },
  { register: 'DR7', fields: DR7_COMMON },
];

// --- ppc64: the manual's own numbers ---

const REPORTS: readonly ManualRegister[] = [
  address('DAR'),
  { register: 'DSISR', fromLeft: true, fields: 'ISSTORE 38 38\nDABRMATCH 41 41' },
];

const PRIVM = `
  PRIVM:HYP 61 61
  PRIVM:PNH 62 62
  PRIVM:PRO 63 63`;

const dawr = (number: string): readonly ManualRegister[] => [
  { register: `DAWR${number}`, fromLeft: true, fields: 'DEAW 0 60' },
  {
    register: `DAWRX${number}`,
    fromLeft: true,
    fields: `
      MRD 48 53
      HRAMMC 56 56
      DW 57 57
      DR 58 58
      WT 59 59
      WTI 60 60
      ${PRIVM}`,
  },
];

const CIABR: ManualRegister = { register: 'CIABR', fromLeft: true, fields: 'CIEA 0 61\nPRIV 62 63' };

export const ISA_206: readonly ManualRegister[] = [
  { register: 'DABR', fromLeft: true, fields: 'DAB 0 60\nBT 61 61\nDW 62 62\nDR 63 63' },
  { register: 'DABRX', fromLeft: true, fields: `BTI 60 60\n${PRIVM}` },
  ...REPORTS,
];

export const ISA_207: readonly ManualRegister[] = [...dawr(''), CIABR, ...REPORTS];
export const ISA_31: readonly ManualRegister[] = [...dawr('0'), ...dawr('1'), CIABR, ...REPORTS];

// --- arm64 ---

const VALUE = 'RESS 63 49\nVA 48 2';

/** Fields that DBGWCR and DBGBCR have in the same place. */
const CONTROL = `
  LBNX 31 30
  SSCE 29 29
  MASK 28 24
  LBN 19 16
  SSC 15 14
  HMC 13 13
  E 0 0`;

function pairs(wrps: number, brps: number): readonly ManualRegister[] {
  const watchpoints = Array.from({ length: wrps }, (_, n): readonly ManualRegister[] => [
    { register: `DBGWVR${n}_EL1`, fields: VALUE },
    {
      register: `DBGWCR${n}_EL1`,
      fields: `${CONTROL}
        WT2 22 22
        WT 20 20
        BAS 12 5
        LSC 4 3
        PAC 2 1`,
    },
  ]);
  const breakpoints = Array.from({ length: brps }, (_, n): readonly ManualRegister[] => [
    { register: `DBGBVR${n}_EL1`, fields: VALUE },
    {
      register: `DBGBCR${n}_EL1`,
      fields: `${CONTROL}
        BT 23 20
        BAS 8 5
        BT2 3 3
        PMC 2 1`,
    },
  ]);
  return [...watchpoints, ...breakpoints].flat();
}

const SYNDROME = 'EC 31 26\nIL 25 25';

export function arm(wrps: number, brps: number): readonly ManualRegister[] {
  return [
    ...pairs(wrps, brps),
    {
      register: 'MDSCR_EL1',
      fields: `
        TFO 31 31
        RXfull 30 30
        TXfull 29 29
        RXO 27 27
        TXU 26 26
        INTdis 23 22
        TDA 21 21
        SC2 19 19
        MDE 15 15
        HDE 14 14
        KDE 13 13
        TDCC 12 12
        ERR 6 6
        SS 0 0`,
    },
    address('FAR_EL1'),
    { register: 'ESR_EL1', fields: `${SYNDROME}\nISS 24 0` },
  ];
}

const esr = (ec: number, fields: string): ManualRegister => ({
  register: 'ESR_EL1',
  holding: { esr_el1: BigInt(ec) << 26n },
  fields: `${SYNDROME}\n${fields}`,
});

const value = (bt: number, fields: string): ManualRegister => ({
  register: 'DBGBVR1_EL1',
  holding: { dbgbcr1_el1: BigInt(bt) << 20n },
  fields,
});

const WATCHPOINT = `
  WPT 23 18
  WPTV 17 17
  WPF 16 16
  FnP 15 15
  VNCR 13 13
  FnV 10 10
  CM 8 8
  WnR 6 6
  DFSC 5 0`;
const STEP = 'ISV 24 24\nEX 6 6\nIFSC 5 0';
const VMID = 'VMID[15:8] 47 40\nVMID[7:0] 39 32';

/** What depends on what a register holds. */
export const ARM_FORMS: readonly ManualRegister[] = [
  esr(0b110000, 'IFSC 5 0'),
  esr(0b110001, 'IFSC 5 0'),
  esr(0b110010, STEP),
  esr(0b110011, STEP),
  esr(0b110100, WATCHPOINT),
  esr(0b110101, WATCHPOINT),
  value(0b0001, VALUE),
  value(0b0010, 'ContextID 31 0'),
  value(0b0111, 'ContextID 31 0'),
  value(0b1000, VMID),
  value(0b1011, `${VMID}\nContextID 31 0`),
  value(0b1100, 'ContextID2 63 32'),
  value(0b1111, 'ContextID2 63 32\nContextID 31 0'),
];

// --- riscv64 ---

const TYPE = 'type 63 60\ndmode 59 59';

const MODES_AND_ACCESSES = `
  action 15 12
  chain 11 11
  match 10 7
  m 6 6
  s 4 4
  u 3 3
  execute 2 2
  store 1 1
  load 0 0`;

const MCONTROL = `
  maskmax 58 53
  sizehi 22 21
  hit 20 20
  select 19 19
  timing 18 18
  sizelo 17 16
  ${MODES_AND_ACCESSES}`;

const MCONTROL6 = `
  uncertain 26 26
  hit1 25 25
  vs 24 24
  vu 23 23
  hit0 22 22
  select 21 21
  size 18 16
  uncertainen 5 5
  ${MODES_AND_ACCESSES}`;

const ICOUNT = `
  vs 26 26
  vu 25 25
  hit 24 24
  count 23 10
  m 9 9
  pending 8 8
  s 7 7
  u 6 6
  action 5 0`;

const TEXTRA64 = `
  mhvalue 63 51
  mhselect 50 48
  sbytemask 39 36
  svalue 33 2
  sselect 1 0`;

/** `usual`: the fields of an address trigger. */
function triggers(usual: string): readonly ManualRegister[] {
  return [
    { register: 'tselect', fields: 'index 63 0' },
    ...[0, 1, 2, 3].flatMap((n): readonly ManualRegister[] => [
      { register: `tdata1 [${n}]`, fields: `${TYPE}\n${usual}` },
      address(`tdata2 [${n}]`),
      { register: `tdata3 [${n}]`, fields: TEXTRA64 },
    ]),
    { register: 'tdata1 [4]', fields: `${TYPE}\n${ICOUNT}` },
    ...[0, 1, 2, 3, 4].map((n) => ({ register: `tinfo [${n}]`, fields: 'version 31 24\ninfo 15 0' })),
    { register: 'tcontrol', fields: 'mpte 7 7\nmte 3 3' },
    { register: 'scontext', fields: 'data 31 0' },
    { register: 'mcontext', fields: 'hcontext 31 0' },
  ];
}

export const SDTRIG: readonly ManualRegister[] = triggers(MCONTROL6);
export const SDTRIG_MCONTROL: readonly ManualRegister[] = triggers(MCONTROL);

const trigger = (type: bigint, fields: string): ManualRegister => ({
  register: 'tdata1 [2]',
  holding: { tdata1: type << 60n },
  fields: `${TYPE}\n${fields}`,
});

/** `tdata1` by its type, on either hart. */
export const SDTRIG_FORMS: readonly ManualRegister[] = [
  trigger(2n, MCONTROL),
  trigger(3n, ICOUNT),
  trigger(6n, MCONTROL6),
];
