import { LONGEST_LINE } from './lackey-line.js';

/** How much of a line that spans chunks is kept: enough to show it, and more than a valid line has. */
const KEPT = 4 * LONGEST_LINE;
const LINE_FEED = 0x0a;

/** Chunks of any size in, whole lines out: only the line that a chunk's end cuts is copied. */
export class LackeyInput {
  readonly #chunks: Uint8Array[] = [];
  #head = 0;
  readonly #cut = new Uint8Array(KEPT);
  #cutLength = 0;
  ended = false;

  /** Adds bytes. They must not change until they were read. */
  feed(chunk: Uint8Array): void {
    if (chunk.length === 0) return;
    // One class of array keeps the loops over bytes monomorphic: a Node Buffer is a class of its own.
    this.#chunks.push(new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength));
  }

  /** True if {@link next} may return something without more bytes. */
  get available(): boolean {
    return this.#head < this.#chunks.length || (this.ended && this.#cutLength > 0);
  }

  /** Keeps the start of a line whose end is in the next chunk; of one that is too long to be valid, its beginning. */
  cut(bytes: Uint8Array, from: number, to: number): void {
    const length = Math.min(to - from, KEPT - this.#cutLength);
    this.#cut.set(bytes.subarray(from, from + length), this.#cutLength);
    this.#cutLength += length;
  }

  /** The next bytes, which begin where a line begins; `undefined` until more are fed. */
  next(): Uint8Array | undefined {
    for (let chunk = this.#take(); chunk !== undefined; chunk = this.#take()) {
      if (this.#cutLength === 0) return chunk;
      const lineFeed = chunk.indexOf(LINE_FEED);
      if (lineFeed < 0) {
        this.cut(chunk, 0, chunk.length);
        continue;
      }
      const rest = chunk.subarray(lineFeed + 1);
      if (rest.length > 0) this.#chunks[--this.#head] = rest;
      this.cut(chunk, 0, lineFeed);
      return this.#join();
    }
    return this.ended && this.#cutLength > 0 ? this.#join() : undefined;
  }

  #take(): Uint8Array | undefined {
    if (this.#head === this.#chunks.length) return undefined;
    const chunk = this.#chunks[this.#head] as Uint8Array;
    // The array is emptied when all is read; `next` may put one chunk back, so the head is never 0 then.
    this.#chunks[this.#head++] = NOTHING;
    if (this.#head === this.#chunks.length) {
      this.#chunks.length = 1;
      this.#head = 1;
    }
    return chunk;
  }

  #join(): Uint8Array {
    const line = new Uint8Array(this.#cutLength + 1);
    line.set(this.#cut.subarray(0, this.#cutLength));
    line[this.#cutLength] = LINE_FEED;
    this.#cutLength = 0;
    return line;
  }
}

const NOTHING = new Uint8Array(0);
