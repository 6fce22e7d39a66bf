import { joinHalves } from '@hwbp/core';
import { findLineFeed, LackeyLine, LINE_INSTRUCTION } from './lackey-line.js';

/** Addresses from `first` up to, and without, `end`. */
export interface CodeRange {
  readonly first: bigint;
  readonly end: bigint;
}

const LINE_FEED = 0x0a;
const LETTER_I = 0x49;

/** Looks for instructions backwards in a text; what was searched before is not searched again. */
export class LackeySearch {
  readonly #line = new LackeyLine();
  #bytes: Uint8Array | undefined;
  #ranges: readonly CodeRange[] | undefined;
  #searched = 0;
  #found: bigint | undefined;

  /** The last `I` line of `[0, end)` whose address lies in a range; `undefined` if there is none. */
  last(bytes: Uint8Array, end: number, ranges: readonly CodeRange[]): bigint | undefined {
    if (this.#bytes !== bytes || this.#ranges !== ranges || end < this.#searched) {
      this.#bytes = bytes;
      this.#ranges = ranges;
      this.#searched = 0;
      this.#found = undefined;
    }
    this.#found = this.#back(bytes, end, ranges) ?? this.#found;
    this.#searched = end;
    return this.#found;
  }

  #back(bytes: Uint8Array, end: number, ranges: readonly CodeRange[]): bigint | undefined {
    const line = this.#line;
    for (let at = end - 1; at >= this.#searched; at--) {
      if (bytes[at] !== LETTER_I || (at > 0 && bytes[at - 1] !== LINE_FEED)) continue;
      const lineFeed = findLineFeed(bytes, at, bytes.length);
      if (lineFeed < 0 || line.parse(bytes, at, lineFeed) !== LINE_INSTRUCTION) continue;
      const pc = joinHalves(line.hi, line.lo);
      if (ranges.some(({ first, end: behind }) => pc >= first && pc < behind)) return pc;
    }
    return undefined;
  }
}
