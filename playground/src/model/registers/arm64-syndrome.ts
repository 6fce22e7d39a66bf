import { type FieldLayout, flag, type RegisterLayout } from './register-view.js';

/** EC of an exception from a lower level; one more: from the same one. */
const BREAKPOINT = 0x30;
const STEP = 0x32;
const WATCHPOINT = 0x34;
/** EC of the instructions BKPT (AArch32) and BRK. */
const BKPT = 0x38;
const BRK = 0x3c;
const DEBUG_EXCEPTION = 0x22n;

const NAMES: Readonly<Record<number, string>> = {
  [BREAKPOINT]: 'breakpoint, from user mode (EL0)',
  [BREAKPOINT + 1]: 'breakpoint, from the kernel (EL1)',
  [STEP]: 'software step, of user mode (EL0)',
  [STEP + 1]: 'software step, of the kernel (EL1)',
  [WATCHPOINT]: 'watchpoint, from user mode (EL0)',
  [WATCHPOINT + 1]: 'watchpoint, from the kernel (EL1)',
  [BKPT]: 'BKPT instruction of AArch32',
  [BRK]: 'BRK instruction',
  0: 'unknown: no exception yet',
};

/** A field of an extension that this CPU has not. */
export function later(name: string, low: number, width: number, extension: string): FieldLayout {
  return { name, low, width, rest: true, says: () => `reserved here: of ${extension}` };
}

function status(name: string): FieldLayout {
  const says = (value: bigint): string =>
    value === DEBUG_EXCEPTION ? 'debug exception' : 'another fault, or no exception yet';
  return { name, low: 0, width: 6, says };
}

/** The lower 25 bits, ISS: they mean something else with each class. */
const SYNDROMES: Readonly<Record<number, readonly FieldLayout[]>> = {
  [BREAKPOINT]: [status('IFSC')],
  [STEP]: [
    status('IFSC'),
    {
      name: 'EX',
      low: 6,
      says: (value, field) => {
        if (field('ISV') === 0n) return 'ignored: ISV is clear';
        return value === 0n ? 'no load-exclusive was stepped' : 'a load-exclusive was stepped';
      },
    },
    flag('ISV', 24, 'EX is valid', 'EX is not valid'),
  ],
  [WATCHPOINT]: [
    status('DFSC'),
    flag('WnR', 6, 'the access was a store', 'the access was a load'),
    flag('CM', 8, 'by a cache maintenance instruction', 'by no cache maintenance instruction'),
    flag('FnV', 10, 'FAR_EL1 is not valid', 'FAR_EL1 is valid'),
    later('VNCR', 13, 1, 'FEAT_NV2'),
    later('FnP', 15, 1, 'later extensions: FAR_EL1 is not precise'),
    later('WPF', 16, 1, 'later extensions: it may be a false positive'),
    later('WPTV', 17, 1, 'later extensions: WPT is valid'),
    later('WPT', 18, 6, 'later extensions: number of the watchpoint'),
  ],
};

const OTHER: readonly FieldLayout[] = [
  { name: 'ISS', low: 0, width: 25, says: () => 'of no debug exception of these registers' },
];

/** ESR_EL1 as its EC wants it read. */
export function syndromeLayout(esr: bigint, manual: string): RegisterLayout {
  const of = Number(esr >> 26n) & ~1;
  return {
    name: 'ESR_EL1',
    bits: 32,
    meaning: 'Syndrome of the latest debug exception. Bits 63:32 are reserved in Armv8.0',
    manual,
    fields: [
      { name: 'EC', low: 26, width: 6, says: (value) => NAMES[Number(value)] ?? 'not a debug exception' },
      flag('IL', 25, 'an instruction of 32 bits', 'an instruction of 16 bits, or no exception yet'),
      ...(SYNDROMES[of] ?? OTHER),
    ],
  };
}
