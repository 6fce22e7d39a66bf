/*
 * DR6, the debug status register (Intel SDM vol. 3, 18.2.3; AMD APM vol. 2, 13.1.1.3).
 *
 * | bit   | name  | reads                                                                                          |
 * | ----- | ----- | ---------------------------------------------------------------------------------------------- |
 * | 0-3   | B0-B3 | 1: the condition of that register was met; may be 1 although the register is not enabled        |
 * | 4-10  | -     | 1                                                                                              |
 * | 11    | BLD   | 1 (inverted: 0 would be a bus lock); not implemented                                           |
 * | 12    | -     | 0                                                                                              |
 * | 13    | BD    | 1: an access to a debug register was detected (DR7.GD)                                         |
 * | 14    | BS    | 1: single step                                                                                 |
 * | 15    | BT    | 1: task switch; never set here                                                                 |
 * | 16    | RTM   | 1 (inverted: 0 would be inside a transaction); not implemented                                 |
 * | 17-31 | -     | 1                                                                                              |
 * | 32-63 | -     | 0; writing 1 raises #GP                                                                        |
 *
 * The CPU sets BD, BS and BT and never clears them; it clears B0-B3 when it reports another exception.
 */

/** B0-B3. */
export const DR6_TRAP_BITS = 0xf;
export const DR6_BD = 0x2000;
export const DR6_BS = 0x4000;
export const DR6_BT = 0x8000;
/** Value after reset; the bits that read 1. Exclusive-or with it gives positive polarity. */
export const DR6_RESET = 0xffff0ff0;
/** Bits that software can change. */
const WRITABLE = DR6_TRAP_BITS | DR6_BD | DR6_BS | DR6_BT;

/** What DR6 holds after a write of a 32-bit value. */
export function writeDr6(value: number): number {
  return ((value & WRITABLE) | DR6_RESET) >>> 0;
}
