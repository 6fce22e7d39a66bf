import type { FILTER_FETCH, FILTER_MASK, FILTER_READ, FILTER_WRITE } from '@hwbp/core';
import {
  HEX_PAIR,
  type PREFIX_INSTRUCTION,
  PREFIX_LENGTH,
  type PREFIX_LOAD,
  type PREFIX_MODIFY,
  type PREFIX_STORE,
} from './lackey-line.js';

// V8 loads an imported binding anew in every round of a loop. The types say whose values these are.
const FETCH: typeof FILTER_FETCH = 0x2000;
const WRITE: typeof FILTER_WRITE = 0x1000;
const READ: typeof FILTER_READ = 0x0000;
const MASK: typeof FILTER_MASK = 0xfff;
const INSTRUCTION: typeof PREFIX_INSTRUCTION = 0x20_20_49;
const LOAD: typeof PREFIX_LOAD = 0x20_4c_20;
const STORE: typeof PREFIX_STORE = 0x20_53_20;
const MODIFY: typeof PREFIX_MODIFY = 0x20_4d_20;

const COMMA = 0x2c;
const LINE_FEED = 0x0a;
/** `'0'` and a line feed, `'00'`: as little-endian numbers. */
const ZERO_LINE_FEED = 0x0a30;
const ZERO_ZERO = 0x3030;
/** The longest line that the loop understands: 10 digits, 2 digits, a line feed. */
const REACH = PREFIX_LENGTH + 10 + 1 + 2 + 1;

/** See {@link LackeyCursor.before}. */
export const TAKEN = -1;
export const LOST = -2;

const NOTHING = new Uint8Array(0);

/** Where a replay stands in its text. */
export class LackeyCursor {
  bytes: Uint8Array = NOTHING;
  view: DataView = new DataView(NOTHING.buffer);
  /** Index of the next line in {@link bytes}. */
  at = 0;
  /** Where the lines of the open instruction begin in {@link bytes}. */
  start = 0;
  /**
   * Where the lines of the instruction before the open one begin in {@link bytes}; negative if they were taken out
   * ({@link TAKEN}), or if nobody knows them ({@link LOST}).
   */
  before: number = LOST;
  /** Not 0 if the open instruction must be executed with care: the filter hit. */
  hit = 0;
  steps = 0;
  loads = 0;
  stores = 0;
  modifies = 0;

  /** Goes on in other bytes. */
  enter(bytes: Uint8Array): void {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.at = 0;
    this.start = 0;
  }
}

/**
 * The interpreter's loop: reads lines from `cursor.at`, looks each address up in the filter's `table`, and returns how
 * many instructions it retired, `limit - 1` at most. It stops before a line that is not in the usual form (8 or 10
 * digits, a size of one or two digits), before the end of the bytes, and before an `I` line if the instruction that
 * ends there needs care. An instruction must be open.
 *
 * Only the last four digits matter to the filter; the rest is only checked to be digits. Nothing is called and nothing
 * allocated here.
 */
export function scan(cursor: LackeyCursor, table: Uint8Array, limit: number): number {
  const { view } = cursor;
  const pairs = HEX_PAIR;
  const last = view.byteLength - REACH;
  let { at, before, start, hit } = cursor;
  let retired = 0;
  let loads = 0;
  let stores = 0;
  let modifies = 0;
  while (at <= last) {
    const prefix = view.getUint32(at, true) & 0xff_ffff;
    const third = pairs[view.getUint16(at + 7, true)] as number;
    let tail = pairs[view.getUint16(at + 9, true)] as number;
    let check =
      (pairs[view.getUint16(at + 3, true)] as number) | (pairs[view.getUint16(at + 5, true)] as number) | third;
    let head = third;
    let next = at + 12;
    if (view.getUint8(at + 11) !== COMMA) {
      if (view.getUint8(at + 13) !== COMMA) break;
      check |= tail;
      head = tail;
      tail = pairs[view.getUint16(at + 11, true)] as number;
      next = at + 14;
    }
    if ((check | tail) < 0) break;
    const lo = (head << 8) | tail;
    const index = (lo >>> 3) & MASK;
    const digits = view.getUint16(next, true);
    let size = digits - ZERO_LINE_FEED;
    if (size >= 1 && size <= 8) {
      next += 2;
    } else {
      // Two digits; sizes of one digit that have no place here (0, 9) fail in the third byte or in the range.
      const tens = (digits & 0xff) - (ZERO_ZERO & 0xff);
      const ones = (digits >>> 8) - (ZERO_ZERO & 0xff);
      size = tens * 10 + ones;
      if (tens < 1 || tens > 9 || ones < 0 || ones > 9 || view.getUint8(next + 2) !== LINE_FEED) break;
      next += 3;
      if (prefix !== INSTRUCTION) {
        for (let offset = 8; offset < size; offset += 8) {
          const further = ((lo + offset) >>> 3) & MASK;
          if (prefix !== STORE) hit |= table[READ | further] as number;
          if (prefix !== LOAD) hit |= table[WRITE | further] as number;
        }
      }
    }
    if (prefix === INSTRUCTION) {
      if (hit !== 0 || retired + 1 >= limit) break;
      retired++;
      before = start;
      start = at;
      hit = table[FETCH | index] as number;
    } else if (prefix === LOAD) {
      loads++;
      hit |= table[READ | index] as number;
    } else if (prefix === STORE) {
      stores++;
      hit |= table[WRITE | index] as number;
    } else if (prefix === MODIFY) {
      modifies++;
      hit |= (table[READ | index] as number) | (table[WRITE | index] as number);
    } else {
      break;
    }
    at = next;
  }
  cursor.at = at;
  cursor.before = before;
  cursor.start = start;
  cursor.hit = hit;
  cursor.steps += retired;
  cursor.loads += loads;
  cursor.stores += stores;
  cursor.modifies += modifies;
  return retired;
}
