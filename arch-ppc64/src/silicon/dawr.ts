import { CONDITION_READ, CONDITION_WRITE } from '@hwbp/core';
import { SPR } from './spr.js';
import type { WatchLayout } from './watch-layout.js';

/*
 * DAWRn and DAWRXn, the data address watchpoints since POWER8 (Power ISA 3.1, Book III, 9.4).
 *
 * | register | bits  | name | meaning                                                       |
 * | -------- | ----- | ---- | ------------------------------------------------------------- |
 * | DAWR     | 3-63  | DEAW | address of the first doubleword                               |
 * | DAWRX    | 10-15 | MRD  | doublewords, minus 1                                          |
 * | DAWRX    | 6     | DW   | stores match                                                  |
 * | DAWRX    | 5     | DR   | loads match                                                   |
 * | DAWRX    | 4     | WT   | compared while data translation (MSR[DR]) is on               |
 * | DAWRX    | 3     | WTI  | WT is ignored                                                 |
 * | DAWRX    | 0-2   | PRIVM | `PRIVILEGE_*`                                                |
 */

export const DAWRX_WTI = 0x08;
export const DAWRX_WT = 0x10;
export const DAWRX_DR = 0x20;
export const DAWRX_DW = 0x40;
const MRD_SHIFT = 10;
const MRD_MASK = 0x3f;
/** Bytes in 64 doublewords. */
const LONGEST = 512;

function dawr(name: string, addressSpr: number, controlSpr: number, crosses: boolean): WatchLayout {
  return Object.freeze({
    name,
    addressSpr,
    controlSpr,
    longest: LONGEST,
    decode({ hi, lo, control }) {
      const compared = (control & (DAWRX_WT | DAWRX_WTI)) !== 0;
      const conditions = (control & DAWRX_DR ? CONDITION_READ : 0) | (control & DAWRX_DW ? CONDITION_WRITE : 0);
      const length = (((control >>> MRD_SHIFT) & MRD_MASK) + 1) * 8;
      const room = LONGEST - (lo & (LONGEST - 8));
      return {
        hi,
        lo: lo & ~7,
        length: crosses ? length : Math.min(length, room),
        conditions: compared ? conditions : 0,
        privileges: control & 7,
      };
    },
    encode({ hi, lo, hwLength, type }) {
      const mrd = (((hwLength + 7) >> 3) - 1) & MRD_MASK;
      const control = ((type & 3) << 5) | ((type & 4) << 2) | ((type >> 3) & 7) | (mrd << MRD_SHIFT);
      return { hi, lo: lo & ~7, control };
    },
  } satisfies WatchLayout);
}

/** POWER8 and POWER9: a range ends at the next multiple of 512 bytes at the latest. */
export const DAWR_207: WatchLayout = dawr('DAWR', SPR.DAWR0, SPR.DAWRX0, false);
/** POWER10 (ISA 3.1): a range may cross multiples of 512 bytes. */
export const DAWR0_31: WatchLayout = dawr('DAWR0', SPR.DAWR0, SPR.DAWRX0, true);
export const DAWR1_31: WatchLayout = dawr('DAWR1', SPR.DAWR1, SPR.DAWRX1, true);
