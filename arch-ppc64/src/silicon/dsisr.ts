/*
 * DSISR, the cause of a data storage interrupt (Power ISA, Book III, 6.5.3), as far as debug registers are concerned.
 *
 * | bit         | name     | meaning                                                        |
 * | ----------- | -------- | -------------------------------------------------------------- |
 * | 22 (ISA 41) | DABRMATCH | a data address watchpoint matched                             |
 * | 25 (ISA 38) | ISSTORE  | the access was a store; an emulator may leave it out            |
 */

export const DSISR_DABRMATCH = 0x0040_0000;
export const DSISR_ISSTORE = 0x0200_0000;
