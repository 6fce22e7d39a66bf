import { CONDITION_READ, CONDITION_WRITE } from '@hwbp/core';
import { SPR } from './spr.js';
import type { WatchLayout } from './watch-layout.js';

/*
 * DABR and DABRX, the data address breakpoint of POWER4 to POWER7 (Power ISA 2.06, Book III-S, 8.1.2).
 *
 * | register | bits | name | meaning                                                        |
 * | -------- | ---- | ---- | -------------------------------------------------------------- |
 * | DABR     | 3-63 | DAB  | address of the doubleword                                      |
 * | DABR     | 2    | BT   | compared while data translation (MSR[DR]) is on                |
 * | DABR     | 1    | DW   | stores match                                                   |
 * | DABR     | 0    | DR   | loads match                                                    |
 * | DABRX    | 3    | BTI  | BT is ignored                                                  |
 * | DABRX    | 0-2  | PRIVM | `PRIVILEGE_*`                                                 |
 */

export const DABR_BT = 4;
export const DABR_DW = 2;
export const DABR_DR = 1;
export const DABRX_BTI = 8;

/** The one register of POWER7. Data translation is always on. */
export const DABR: WatchLayout = Object.freeze({
  name: 'DABR',
  addressSpr: SPR.DABR,
  controlSpr: SPR.DABRX,
  longest: 8,
  decode({ hi, lo, control }) {
    const compared = (lo & DABR_BT) !== 0 || (control & DABRX_BTI) !== 0;
    const conditions = (lo & DABR_DR ? CONDITION_READ : 0) | (lo & DABR_DW ? CONDITION_WRITE : 0);
    return { hi, lo: lo & ~7, length: 8, conditions: compared ? conditions : 0, privileges: control & 7 };
  },
  encode: ({ hi, lo, type }) => ({ hi, lo: (lo & ~7) | (type & 7), control: (type >> 3) & 7 }),
} satisfies WatchLayout);
