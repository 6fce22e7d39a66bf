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

function malformed(text: string, cause: string): Error {
  return usageError(`--watch ${text}: ${cause}`, SYNTAX);
}

/** Reads one. Throws a usage error that shows the syntax. */
export function parseWatchSpec(text: string): WatchSpec {
  const colon = text.lastIndexOf(':');
  const type = text.slice(colon + 1);
  if (colon < 0) throw malformed(text, `the type is missing, as in ${text}:w`);
  if (!TYPES.has(type)) throw malformed(text, `'${type}' is no type`);
  const [whole, lengthText, ...more] = text.slice(0, colon).split('/') as [string, ...string[]];
  if (more.length > 0) throw malformed(text, `there is more than one '/'`);
  if (lengthText !== undefined && !/^\d{1,9}$/.test(lengthText)) {
    throw malformed(text, `the length '${lengthText}' is no number of bytes`);
  }
  const plus = whole.lastIndexOf('+');
  const offsetText = plus < 0 ? '0' : whole.slice(plus + 1);
  if (!NUMBER.test(offsetText)) throw malformed(text, `the offset '${offsetText}' is no number: write 24 or 0x18`);
  return {
    text,
    place: parsePlace(text, plus < 0 ? whole : whole.slice(0, plus)),
    offset: BigInt(offsetText),
    length: lengthText === undefined ? undefined : Number(lengthText),
    type: type as WatchType,
  };
}

function parsePlace(text: string, place: string): string | bigint {
  if (place === '') throw malformed(text, 'there is nothing to watch before the type');
  if (/^0x/i.test(place)) {
    if (!NUMBER.test(place)) throw malformed(text, `'${place}' is no address of 1 to 16 hexadecimal digits`);
    return BigInt(place);
  }
  if (/^\d/.test(place)) throw malformed(text, `'${place}' is no symbol; addresses begin with 0x: 0x${place}`);
  return place;
}
