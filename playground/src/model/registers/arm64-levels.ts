import type { Field, FieldLayout } from './register-view.js';

/** The three fields that say together where a breakpoint or watchpoint matches. */
interface Where {
  readonly hmc: bigint;
  readonly ssc: bigint;
  /** PMC of a breakpoint, PAC of a watchpoint. */
  readonly privilege: bigint;
}

const LEVELS = ['neither at EL1 nor at EL0', 'at EL1 (kernel)', 'at EL0 (user)', 'at EL1 and EL0'];

/** What a breakpoint matches with HMC and PMC 0. */
const AARCH32_MODES = 'in User, System and Supervisor mode of AArch32: nowhere in AArch64';

/**
 * Values that the manual has no meaning for, as HMC, SSC and PxC in one number of five bits: never allocated, or only
 * with Secure EL2 (FEAT_SEL2), which Armv8.0 has not.
 */
const RESERVED: ReadonlySet<number> = new Set([
  ...[0b01110, 0b10000, 0b10010, 0b10110, 0b11010, 0b11110],
  ...[0b01100, 0b10100, 0b01101, 0b01111, 0b11101, 0b11111],
]);

function isReserved({ hmc, ssc, privilege }: Where, watchpoint: boolean): boolean {
  // Neither level, and no higher one: of breakpoints that are AArch32 modes.
  if (watchpoint && hmc === 0n && privilege === 0n) return true;
  return RESERVED.has(Number((hmc << 4n) | (ssc << 2n) | privilege));
}

/** Levels above EL1. */
function higher({ hmc, ssc, privilege }: Where): string {
  const el2 = ssc === 3n || (hmc === 1n && !(ssc === 2n && privilege === 0n));
  const el3 = hmc === 1n && (ssc & 1n) === 0n;
  if (el2) return el3 ? 'at EL2 and EL3 too' : 'at EL2 too';
  return el3 ? 'at EL3 too' : 'not above EL1';
}

function states({ hmc, ssc }: Where): string {
  if (ssc === 0n) return 'in either Security state';
  if (ssc === 1n) return 'in Non-secure state alone';
  if (ssc === 2n) return 'in Secure state alone';
  return hmc === 1n ? 'in either Security state, at EL2' : 'in Secure state alone, at EL2 too (FEAT_SEL2)';
}

/** PMC or PAC, HMC and SSC: each says its part of what the three mean together. */
export function levels(name: 'PMC' | 'PAC'): readonly FieldLayout[] {
  const where = (field: Field): Where => ({ hmc: field('HMC'), ssc: field('SSC'), privilege: field(name) });
  return [
    {
      name,
      low: 1,
      width: 2,
      says: (value, field) => {
        const all = where(field);
        if (isReserved(all, name === 'PAC')) return `reserved with HMC=${all.hmc} and SSC=${all.ssc}`;
        return value === 0n && all.hmc === 0n ? AARCH32_MODES : (LEVELS[Number(value)] ?? '');
      },
    },
    { name: 'HMC', low: 13, says: (_, field) => `with SSC and ${name}: ${higher(where(field))}` },
    { name: 'SSC', low: 14, width: 2, says: (_, field) => `with HMC: ${states(where(field))}` },
  ];
}
