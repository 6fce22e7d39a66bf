import { choice, type FieldLayout, flag, split } from './register-view.js';

/** What an address trigger of a hart is: the implementation has one of the two. */
export type TriggerType = 'mcontrol' | 'mcontrol6';

/** `tdata1.type`. */
export const MCONTROL = 2;
export const ICOUNT = 3;
export const MCONTROL6 = 6;

const TYPES = [
  'none: there is no trigger',
  'legacy: an address trigger of SiFive',
  'mcontrol: an address or data (deprecated)',
  'icount: a number of instructions',
  'itrigger: interrupts',
  'etrigger: exceptions',
  'mcontrol6: an address or data',
  'tmexttrigger: an external source',
  ...[undefined, undefined, undefined, undefined],
  ...['custom', 'custom', 'custom'],
  'disabled',
];

/** The fields that every type of trigger has. */
const COMMON: readonly FieldLayout[] = [
  choice('type', 60, 4, TYPES),
  flag('dmode', 59, 'only an external debugger can write the trigger', 'software can write the trigger too'),
];

const ACTIONS = [
  'a breakpoint exception',
  'debug mode is entered',
  'trace on',
  'trace off',
  'trace notify',
  undefined,
  undefined,
  undefined,
  'external trigger output 0',
  'external trigger output 1',
];

const MATCHES = [
  'equal: one compare value is tdata2',
  'NAPOT: in the range, a power of two long, that tdata2 says',
  'ge: not below tdata2',
  'lt: below tdata2',
  'mask low: the lower half, masked by the upper half of tdata2',
  'mask high: the upper half, masked by the upper half of tdata2',
  undefined,
  undefined,
  'not equal: negation of 0',
  'not NAPOT: negation of 1',
  undefined,
  undefined,
  'not mask low: negation of 4',
  'not mask high: negation of 5',
];

const mode = (name: string, low: number, what: string): FieldLayout => flag(name, low, `in ${what}`, `not in ${what}`);

/** What mcontrol and mcontrol6 have in the same place. */
const ADDRESS_OR_DATA: readonly FieldLayout[] = [
  choice('action', 12, 4, ACTIONS),
  flag('chain', 11, 'fires only together with the next one', 'ends a chain, or stands alone'),
  choice('match', 7, 4, MATCHES),
  mode('m', 6, 'M-mode'),
  mode('s', 4, 'S-mode (the kernel)'),
  mode('u', 3, 'U-mode'),
  flag('execute', 2, 'fetches match', 'fetches do not match'),
  flag('store', 1, 'stores match', 'stores do not match'),
  flag('load', 0, 'loads match', 'loads do not match'),
];

const select = (low: number): FieldLayout => flag('select', low, 'data is compared', 'addresses are compared');
const bitsOf = (bits: number | undefined): string => {
  if (bits === undefined) return 'reserved';
  return bits === 0 ? 'accesses of any size' : `accesses, or instructions, of ${bits} bits alone`;
};

/** Bits that each value of `size` stands for; 0: any. */
const SIZES_6 = [0, 8, 16, 32, 48, 64, 128];
const SIZES = [0, 8, 16, 32, 48, 64, 80, 96, 112, 128];

const HITS = [
  'it has not fired',
  'it fired before the instruction retired',
  'it fired after the instruction, and at least one more, retired',
  'it fired immediately after the instruction retired',
];

const FIELDS_6: readonly FieldLayout[] = [
  ...ADDRESS_OR_DATA,
  flag('uncertain', 26, 'it may have fired without a match', 'it did not fire without a match'),
  ...split('hit', { name: 'hit1', low: 25 }, { name: 'hit0', low: 22 }, (value) => HITS[Number(value)] ?? ''),
  mode('vs', 24, 'VS-mode'),
  mode('vu', 23, 'VU-mode'),
  select(21),
  { name: 'size', low: 16, width: 3, says: (value) => bitsOf(SIZES_6[Number(value)]) },
  flag('uncertainen', 5, 'it may fire without a match', 'it must not fire without a match'),
];

const FIELDS_2: readonly FieldLayout[] = [
  ...ADDRESS_OR_DATA,
  {
    name: 'maskmax',
    low: 53,
    width: 6,
    says: (value) => (value === 0n ? 'NAPOT is not supported' : `the largest NAPOT range has ${2n ** value} bytes`),
  },
  ...split('size', { name: 'sizehi', low: 21, width: 2 }, { name: 'sizelo', low: 16, width: 2 }, (value) =>
    bitsOf(SIZES[Number(value)]),
  ),
  flag('hit', 20, 'it has fired, or matched', 'it has not fired'),
  select(19),
  flag('timing', 18, 'fires after the instruction has retired', 'fires before the instruction retires'),
];

const FIELDS_3: readonly FieldLayout[] = [
  mode('vs', 26, 'VS-mode'),
  mode('vu', 25, 'VU-mode'),
  flag('hit', 24, 'it has fired', 'it has not fired'),
  { name: 'count', low: 10, width: 14, says: (value) => `fires after ${value} instructions of its modes` },
  mode('m', 9, 'M-mode'),
  flag('pending', 8, 'it fires before the next instruction of its modes', 'it is not about to fire'),
  mode('s', 7, 'S-mode (the kernel)'),
  mode('u', 6, 'U-mode'),
  choice('action', 0, 6, ACTIONS),
];

const BY_TYPE: Readonly<Record<number, { readonly title: string; readonly fields: readonly FieldLayout[] }>> = {
  [MCONTROL]: { title: 'Match Control (mcontrol)', fields: FIELDS_2 },
  [ICOUNT]: { title: 'Instruction Count (icount)', fields: FIELDS_3 },
  [MCONTROL6]: { title: 'Match Control Type 6 (mcontrol6)', fields: FIELDS_6 },
};

/** What every other field says of a trigger that is off. */
const ignored = (field: FieldLayout): FieldLayout => ({
  ...field,
  rest: true,
  says: () => 'ignored: the trigger is disabled',
});

/** `tdata1` as its type wants it read; of one that is disabled: as its hart would use it, `usual`. */
export function triggerFields(tdata1: bigint, usual: number) {
  const own = BY_TYPE[Number(tdata1 >> 60n)];
  const { title = '', fields = [] } = own ?? BY_TYPE[usual] ?? {};
  return { title, fields: [...COMMON, ...(own === undefined ? fields.map(ignored) : fields)] };
}
