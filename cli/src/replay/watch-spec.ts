import { usageError } from '../errors.js';

/** What a watch reports. */
export type WatchType = 'r' | 'w' | 'rw' | 'x';

/** A `--watch` as it was written: SYMBOL or ADDRESS, `+OFFSET`, `/LEN`, `:TYPE`. */
export interface WatchSpec {
  /** The text itself. */
  readonly text: string;
  /** A symbol's name, or an address as the program used it. */
  readonly place: string | bigint;
  /** Bytes from there. */
  readonly offset: bigint;
  /** Bytes; `undefined`: not given. */
  readonly length: number | undefined;
  readonly type: WatchType;
}

const TYPES: ReadonlySet<string> = new Set(['r', 'w', 'rw', 'x'] satisfies WatchType[]);
const SYNTAX =
  'a watch is SYMBOL[+OFFSET][/LEN]:TYPE or ADDRESS[/LEN]:TYPE with TYPE r, w, rw or x: vault_total:w, accounts+24/8:rw, 0x404390/4:w, main:x';
const NUMBER = /^(?:0x[0-9a-f]{1,16}|\d{1,18})$/i;
/** A name in quotes, and what follows. */
const QUOTED = /^(?:'([^']*)'|"([^"]*)")([^'"]*)$/;

function malformed(text: string, cause: string): Error {
  return usageError(`--watch ${text}: ${cause}`, SYNTAX);
}

/** Reads one. Throws a usage error that shows the syntax. */
export function parseWatchSpec(text: string): WatchSpec {
  const colon = text.lastIndexOf(':');
  const type = text.slice(colon + 1);
  if (colon < 0 || text[colon - 1] === ':') throw malformed(text, `the type is missing, as in ${text}:w`);
  if (!TYPES.has(type)) throw malformed(text, `'${type}' is no type`);
  const [, single, double, behind] = QUOTED.exec(text.slice(0, colon)) ?? [];
  const quoted = single ?? double;
  const { name, offset, length } = readPlace(text, behind ?? text.slice(0, colon), quoted === undefined);
  return {
    text,
    place: quoted ?? parsePlace(text, name),
    offset: BigInt(offset ?? 0),
    length: length === undefined ? undefined : Number(length),
    type: type as WatchType,
  };
}

interface Place {
  readonly name: string;
  readonly offset: string | undefined;
  readonly length: string | undefined;
}

/** Takes `/LEN` and `+OFFSET` off the end. */
function readPlace(text: string, written: string, named: boolean): Place {
  // Operators of C++ have these characters in their names.
  const operator = named && /\boperator\W/.test(written);
  const [whole, length, ...more] = splitLast(written, '/', operator);
  if (more.length > 0) throw malformed(text, `there is more than one '/'`);
  if (length !== undefined && !/^\d{1,9}$/.test(length)) {
    throw malformed(text, `the length '${length}' is no number of bytes`);
  }
  const [name, offset] = splitLast(whole, '+', operator, true);
  if (offset !== undefined && !NUMBER.test(offset)) {
    throw malformed(text, `the offset '${offset}' is no number: write 24 or 0x18`);
  }
  if (!named && name !== '') throw malformed(text, `'${name}' follows the quoted name`);
  return { name, offset, length };
}

/**
 * Splits at a character; in the name of an operator only where a number follows, and otherwise `last` at the last one.
 */
function splitLast(text: string, character: '/' | '+', operator: boolean, last = false): [string, ...string[]] {
  const at = text.lastIndexOf(character);
  if (operator && !NUMBER.test(text.slice(at + 1))) return [text];
  if (operator || last) return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
  return text.split(character) as [string, ...string[]];
}

function parsePlace(text: string, place: string): string | bigint {
  if (place === '') throw malformed(text, 'there is nothing to watch before the type');
  if (/^0x/i.test(place)) {
    if (!NUMBER.test(place)) throw malformed(text, `'${place}' is no address of 1 to 16 hexadecimal digits`);
    return BigInt(place);
  }
  if (/^\d/.test(place)) throw malformed(text, notHexadecimal(place));
  return place;
}

/** What to write for a number without 0x: it may be a decimal one, or one whose 0x was forgotten. */
function notHexadecimal(place: string): string {
  const hexadecimal = /^[0-9a-f]{1,16}$/i.test(place) ? `0x${place}` : undefined;
  const decimal = /^\d{1,20}$/.test(place) ? `0x${BigInt(place).toString(16)}` : undefined;
  if (decimal !== undefined && hexadecimal !== undefined)
    return `'${place}' is no symbol; addresses begin with 0x: the decimal ${place} is ${decimal}, and if it is hexadecimal already, write ${hexadecimal}`;
  if (decimal !== undefined)
    return `'${place}' is no symbol; addresses begin with 0x: the decimal ${place} is ${decimal}`;
  if (hexadecimal !== undefined) return `'${place}' is no symbol; addresses begin with 0x: ${hexadecimal}`;
  return `'${place}' is no symbol; addresses begin with 0x, as in 0x404390`;
}
