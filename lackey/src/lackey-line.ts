/*
 * One line of Valgrind's Lackey (`--trace-mem=yes`), as lackey/lk_main.c prints it: `I  %08lx,%lu`, ` L %08lx,%lu`,
 * ` S ...`, ` M ...`. The address is 1 to 16 hexadecimal digits, the size 1 to 4096, decimal, in 1 to 4 digits; a
 * carriage return may precede the line feed.
 */

/** What a line is; {@link LINE_OTHER}: none of Lackey's four. */
export const LINE_OTHER = 0;
export const LINE_INSTRUCTION = 1;
export const LINE_LOAD = 2;
export const LINE_STORE = 3;
export const LINE_MODIFY = 4;

/** One of the `LINE_*` constants. */
export type LineKind =
  | typeof LINE_OTHER
  | typeof LINE_INSTRUCTION
  | typeof LINE_LOAD
  | typeof LINE_STORE
  | typeof LINE_MODIFY;

/** The first three bytes of each kind of line, as a little-endian number. */
export const PREFIX_INSTRUCTION = 0x20_20_49;
export const PREFIX_LOAD = 0x20_4c_20;
export const PREFIX_STORE = 0x20_53_20;
export const PREFIX_MODIFY = 0x20_4d_20;
/** Bytes before the address. */
export const PREFIX_LENGTH = 3;

/** Largest access, in bytes. */
const LARGEST_SIZE = 4096;
/** No valid line is longer than this (3 + 16 + 1 + 4 + 1 bytes): what is longer need not be kept. */
export const LONGEST_LINE = 25;

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const COMMA = 0x2c;
const MOST_DIGITS = 16;

/** The value of a hexadecimal digit, of either case; negative for any other byte. */
const HEX_DIGIT = new Int8Array(256).fill(-1);
for (let digit = 0; digit < 16; digit++) {
  const text = digit.toString(16);
  HEX_DIGIT[text.charCodeAt(0)] = digit;
  HEX_DIGIT[text.toUpperCase().charCodeAt(0)] = digit;
}

/** The value of two hexadecimal digits read as a little-endian 16-bit number; negative if one of them is none. */
export const HEX_PAIR = new Int16Array(0x1_0000).fill(-1);
for (let first = 0; first < 256; first++) {
  for (let second = 0; second < 256; second++) {
    const high = HEX_DIGIT[first] as number;
    const low = HEX_DIGIT[second] as number;
    if (high >= 0 && low >= 0) HEX_PAIR[first | (second << 8)] = (high << 4) | low;
  }
}

/** What the last line that {@link parse} understood says. One object is used for many lines. */
export class LackeyLine {
  /** Halves of the address. */
  hi = 0;
  lo = 0;
  /** Bytes. */
  size = 0;

  /** Reads the line `[from, lineFeed)` and returns its kind; the fields change unless that is {@link LINE_OTHER}. */
  parse(bytes: Uint8Array, from: number, lineFeed: number): LineKind {
    const to = bytes[lineFeed - 1] === CARRIAGE_RETURN ? lineFeed - 1 : lineFeed;
    if (to - from > LONGEST_LINE || to - from < PREFIX_LENGTH + 3) return LINE_OTHER;
    const kind = kindOf(bytes, from);
    if (kind === LINE_OTHER) return LINE_OTHER;
    let at = from + PREFIX_LENGTH;
    let hi = 0;
    let lo = 0;
    const digits = at;
    for (; at < to; at++) {
      const digit = HEX_DIGIT[bytes[at] as number] as number;
      if (digit < 0) break;
      hi = (hi << 4) | (lo >>> 28);
      lo = (lo << 4) | digit;
    }
    if (at === digits || at - digits > MOST_DIGITS || bytes[at] !== COMMA) return LINE_OTHER;
    const size = parseSize(bytes, at + 1, to);
    if (size < 1 || size > LARGEST_SIZE) return LINE_OTHER;
    this.hi = hi;
    this.lo = lo;
    this.size = size;
    return kind;
  }
}

function kindOf(bytes: Uint8Array, at: number): LineKind {
  const prefix = (bytes[at] as number) | ((bytes[at + 1] as number) << 8) | ((bytes[at + 2] as number) << 16);
  if (prefix === PREFIX_INSTRUCTION) return LINE_INSTRUCTION;
  if (prefix === PREFIX_LOAD) return LINE_LOAD;
  if (prefix === PREFIX_STORE) return LINE_STORE;
  return prefix === PREFIX_MODIFY ? LINE_MODIFY : LINE_OTHER;
}

/** 1 to 4 decimal digits; -1 for anything else. */
function parseSize(bytes: Uint8Array, from: number, to: number): number {
  if (to - from < 1 || to - from > 4) return -1;
  let size = 0;
  for (let at = from; at < to; at++) {
    const digit = (bytes[at] as number) - 0x30;
    if (digit < 0 || digit > 9) return -1;
    size = size * 10 + digit;
  }
  return size;
}

/** Index of the next line feed in `[from, to)`; -1 if there is none. */
export function findLineFeed(bytes: Uint8Array, from: number, to: number): number {
  // Lackey's lines are short: a call into the runtime would cost more than they do.
  const near = Math.min(to, from + LONGEST_LINE);
  for (let at = from; at < near; at++) if (bytes[at] === LINE_FEED) return at;
  return near === to ? -1 : bytes.indexOf(LINE_FEED, near);
}
