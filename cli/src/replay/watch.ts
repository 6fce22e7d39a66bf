import { type ArchManifest, HW_BREAKPOINT_R, HW_BREAKPOINT_RW, HW_BREAKPOINT_W, HW_BREAKPOINT_X } from '@hwbp/core';
import type { WatchType } from './watch-spec.js';

/** A watch that a kernel can be asked for. */
export interface Watch {
  /** As written on the command line. */
  readonly text: string;
  readonly type: WatchType;
  readonly address: bigint;
  /**
   * `bp_len`: for data the bytes watched; for `x` the length that the architecture wants, though one byte is watched.
   */
  readonly length: number;
  /** The symbol of that very address, if it was given by name alone. */
  readonly symbol: string | undefined;
}

/** `bp_type` of each type. */
export const BP_TYPE: Readonly<Record<WatchType, number>> = Object.freeze({
  r: HW_BREAKPOINT_R,
  w: HW_BREAKPOINT_W,
  rw: HW_BREAKPOINT_RW,
  x: HW_BREAKPOINT_X,
});

/** What hits of a type are, for people. */
export const VERB: Readonly<Record<WatchType, string>> = Object.freeze({
  r: 'reads',
  w: 'writes',
  rw: 'accesses',
  x: 'executions',
});

/** `1, 2, 4 or 8`. */
export function anyOf(items: readonly (string | number)[]): string {
  return items.length < 2 ? items.join('') : `${items.slice(0, -1).join(', ')} or ${items.at(-1)}`;
}

/** The data lengths of an architecture, for people: `1, 2, 4 or 8`, `1 to 512`. */
export function lengthsOf({ dataLengths, longestRange }: ArchManifest): string {
  const [first = 0] = dataLengths;
  const last = Math.max(longestRange, dataLengths.at(-1) ?? 0);
  const inARow = dataLengths.length > 2 && dataLengths.every((length, i) => length === first + i);
  return inARow ? `${first} to ${last}` : anyOf(dataLengths);
}
