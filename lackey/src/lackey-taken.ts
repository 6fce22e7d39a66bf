import { LackeyError } from './lackey-error.js';
import { LackeyInstruction, MOST_ACCESSES } from './lackey-instruction.js';
import { findLineFeed, LackeyLine, LINE_INSTRUCTION, LINE_OTHER } from './lackey-line.js';
import { type LackeyCursor, LOST, TAKEN } from './lackey-scan.js';
import { printable } from './printable.js';

/** The open instruction and the one before it, out of the text: as far as they were read. */
export class LackeyTaken {
  #current = new LackeyInstruction();
  #previous = new LackeyInstruction();
  readonly #line = new LackeyLine();

  /** The open instruction. */
  get current(): LackeyInstruction {
    return this.#current;
  }

  /** The one before it; its length is 0 if it is not known. */
  get previous(): LackeyInstruction {
    return this.#previous;
  }

  /**
   * Takes what was read of them since, up to `cursor.at`. `lines`: lines so far, for the error. Throws `LackeyError`
   * for an instruction of more than 65,536 accesses.
   */
  take(cursor: LackeyCursor, lines: number): void {
    const { bytes, before, start, at } = cursor;
    if (before === LOST) this.#previous.begin(0, 0, 0);
    else if (before !== TAKEN) {
      // What was open so far is now the one before; its first lines may have been in earlier bytes.
      this.#swap();
      this.#add(this.#previous, bytes, before, start, lines);
    }
    cursor.before = TAKEN;
    this.#add(this.#current, bytes, start, at, lines);
    cursor.start = at;
  }

  /** Another iteration of the instruction that was open begins. */
  iterate(): void {
    this.#swap();
    const { pcHi, pcLo, length } = this.#previous;
    this.#current.begin(pcHi, pcLo, length);
  }

  #swap(): void {
    [this.#current, this.#previous] = [this.#previous, this.#current];
  }

  #add(to: LackeyInstruction, bytes: Uint8Array, from: number, end: number, lines: number): void {
    const line = this.#line;
    for (let at = from; at < end; ) {
      const lineFeed = findLineFeed(bytes, at, end);
      const kind = line.parse(bytes, at, lineFeed);
      if (kind === LINE_INSTRUCTION) {
        to.begin(line.hi, line.lo, line.size);
      } else if (kind !== LINE_OTHER && !to.add(kind, line.hi, line.lo, line.size)) {
        throw new LackeyError(
          'LACKEY_TOO_MANY_ACCESSES',
          `more than ${MOST_ACCESSES} accesses in one instruction`,
          lines,
          printable(bytes, at, lineFeed),
        );
      }
      at = lineFeed + 1;
    }
  }
}
