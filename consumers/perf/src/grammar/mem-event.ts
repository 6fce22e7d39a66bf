import { HW_BREAKPOINT_R, HW_BREAKPOINT_RW, HW_BREAKPOINT_W, HW_BREAKPOINT_X } from '@hwbp/core';
import type { U64 } from '../attr/perf-event-attr.js';
import type { EventPlace } from './event-description.js';
import type { Scanner } from './scanner.js';

/** What follows `mem:`, before the modifiers. */
export interface MemEvent {
  readonly place: EventPlace;
  readonly bp_type: number;
  readonly bp_len: U64;
  readonly lengthGiven: boolean;
}

const WORD = /[0-9a-zA-Z_.$@]+/y;
/** Indices of an array's element, behind its name. */
const ELEMENT = /(?:\[[0-9a-zA-Z]*\][0-9a-zA-Z_.$@]*)*/y;
/** A name in quotes, which may have every other character. */
const QUOTED = /'[^']*'|"[^"]*"/y;
const ACCESS = /[rwx]+/y;
const SYMBOL = /^[a-zA-Z_.$@]/;
/** Bytes of a long, where nobody says. */
export const LONG = 8;
const DEFAULT_LENGTH = 4;
/** Of a number of 64 bits, in decimal. */
const MOST_DIGITS = 20;
const BITS: Readonly<Record<string, number>> = { r: HW_BREAKPOINT_R, w: HW_BREAKPOINT_W, x: HW_BREAKPOINT_X };

/** A word as a number of 64 bits: decimal, also with zeros in front, or hexadecimal after `0x`. */
function toNumber(scanner: Scanner, word: string, start: number, what: string): bigint {
  if (!/^(?:0x[0-9a-fA-F]+|\d+)$/.test(word)) {
    const hint = /^(?:0X)?[0-9a-fA-F]+$/.test(word) ? `: write 0x${word.replace(/^0X/, '')}` : ': write 24 or 0x18';
    throw scanner.error(`'${word}' is no ${what}${hint}`, start);
  }
  const [base, digits] = word.startsWith('0x') ? ['0x', word.slice(2)] : ['', word];
  const significant = digits.replace(/^0+(?=.)/, '');
  const value = significant.length > MOST_DIGITS ? -1n : BigInt(base + significant);
  if (BigInt.asUintN(64, value) === value) return value;
  throw scanner.error(`the ${what} '${word}' has more than 64 bits`, start);
}

function readNumber(scanner: Scanner, what: string, example: string): bigint {
  const start = scanner.at;
  const word = scanner.take(WORD);
  if (word === '') throw scanner.error(`there is no ${what}, but ${scanner.found}: write ${example}`);
  return toNumber(scanner, word, start, what);
}

/** What follows a symbol: a distance. */
function readOffset(scanner: Scanner, symbol: string): EventPlace {
  if (!scanner.takeIf('+')) return { kind: 'symbol', symbol, offset: 0n };
  const offset = readNumber(scanner, 'offset', `${symbol}+8, or leave the + out`);
  return { kind: 'symbol', symbol, offset };
}

function readPlace(scanner: Scanner): EventPlace {
  const start = scanner.at;
  const quoted = scanner.take(QUOTED);
  if (quoted.length > 2) return readOffset(scanner, quoted.slice(1, -1));
  if (quoted !== '') throw scanner.error('there is no name between the quotes', start);
  if (scanner.next === "'" || scanner.next === '"') throw scanner.error('the quote is not closed', start);
  const word = scanner.take(WORD);
  if (word === '') {
    throw scanner.error(
      `there is nothing to watch, but ${scanner.found}: write an address or a symbol, as in mem:0x404390/4:w or mem:limit/4:w`,
    );
  }
  if (!SYMBOL.test(word)) {
    const address = toNumber(scanner, word, start, 'address');
    if (scanner.next !== '+') return { kind: 'address', address };
    throw scanner.error('only symbols take an offset: write the address itself');
  }
  const symbol = word + scanner.take(ELEMENT);
  if (scanner.text.startsWith('::', scanner.at) || '(<'.includes(scanner.next || ' '))
    throw scanner.error(`names with '${scanner.next}' and the like are written in quotes: mem:'bank::total':w`, start);
  return readOffset(scanner, symbol);
}

/** Letters of r, w and x, each once; 0 if there are none. */
function readAccess(scanner: Scanner): number {
  const start = scanner.at;
  const letters = scanner.take(ACCESS);
  let bp_type = 0;
  for (const [i, letter] of [...letters].entries()) {
    const bit = BITS[letter] ?? 0;
    if (bp_type & bit) throw scanner.error(`'${letter}' is there twice: write r, w, x, rw, ...`, start + i);
    bp_type |= bit;
  }
  return bp_type;
}

/**
 * Reads `ADDR[/LEN][:ACCESS]` up to the modifiers, as perf does (tools/perf/util/parse-events.l, .y): numbers decimal
 * or 0x hexadecimal, LEN missing or 0 is 4, or a long for execution, ACCESS missing is rw. Besides, ADDR may be
 * `SYMBOL[+OFFSET]`, SYMBOL also in single or double quotes: names of C++ and Rust have colons, commas and brackets.
 * Leaves the scanner behind a colon that modifiers may follow. Throws a KernelError EINVAL.
 */
export function readMemEvent(scanner: Scanner, long: number): MemEvent {
  const place = readPlace(scanner);
  const length = scanner.takeIf('/') ? readNumber(scanner, 'length', '1, 2, 4 or 8 bytes, or leave the / out') : 0n;
  let bp_type = 0;
  if (scanner.takeIf(':')) {
    bp_type = readAccess(scanner);
    if (bp_type !== 0) scanner.takeIf(':');
  }
  bp_type ||= HW_BREAKPOINT_RW;
  const missing = bp_type === HW_BREAKPOINT_X ? long : DEFAULT_LENGTH;
  const bp_len = length === 0n ? missing : length <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(length) : length;
  return { place, bp_type, bp_len, lengthGiven: length !== 0n };
}
