import { DIGIT_PAIRS } from './hex.js';

/**
 * Of each two bytes, as they lie in memory: the codes of their four digits, so that these are one store, and the lowest
 * byte of the sum of these codes. In the module of the loop that uses them, because V8 then knows where they are;
 * filled when they are first wanted.
 */
const DIGITS = new Int32Array(0x1_0000);
const SUMS = new Uint8Array(0x1_0000);
let filled = false;

function fill(): void {
  filled = true;
  const bytes = new Uint8Array(2 * 0x1_0000);
  const halves = new Uint16Array(bytes.buffer);
  for (let i = 0; i < halves.length; i++) halves[i] = i;
  const pairs = new Uint16Array(DIGITS.buffer);
  for (let i = 0; i < bytes.length; i++) {
    const entry = DIGIT_PAIRS[bytes[i] as number] as number;
    pairs[i] = entry;
    SUMS[i >> 1] = (SUMS[i >> 1] as number) + (entry >> 16);
  }
}

/**
 * Writes the digits of pairs of bytes, four a word; returns the sum of their codes, of which the lowest byte counts.
 */
export function writeLongHex(halves: Uint16Array, words: Int32Array, from: number): number {
  if (!filled) fill();
  let sum = 0;
  for (let i = 0; i < halves.length; i++) {
    const half = halves[i] as number;
    words[from + i] = DIGITS[half] as number;
    sum = (sum + (SUMS[half] as number)) | 0;
  }
  return sum;
}
