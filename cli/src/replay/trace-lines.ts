/** Longest line that is kept for the next block, in bytes. */
const LONGEST = 4096;
const LINE_FEED = 0x0a;

/** The text of a trace in pieces that end where a line ends. */
export class WholeLines {
  /** One piece, used again for the next. */
  #bytes = Buffer.alloc(0);
  /** Where the line begins that nothing has ended, and where it is cut. */
  #start = 0;
  #end = 0;

  /**
   * What is complete with these bytes, good until more are added; of the line that they cut at most {@link LONGEST}
   * bytes are kept.
   */
  add(block: Uint8Array): Buffer {
    const kept = Math.min(this.#end - this.#start, LONGEST);
    this.#bytes.copyWithin(0, this.#start, this.#start + kept);
    if (this.#bytes.length < kept + block.length) {
      const larger = Buffer.alloc(LONGEST + block.length);
      larger.set(this.#bytes.subarray(0, kept));
      this.#bytes = larger;
    }
    this.#bytes.set(block, kept);
    this.#end = kept + block.length;
    this.#start = this.#bytes.subarray(0, this.#end).lastIndexOf(LINE_FEED) + 1;
    return this.#bytes.subarray(0, this.#start);
  }

  /** The last line, which nothing has ended. */
  get rest(): string {
    return this.#bytes.toString('latin1', this.#start, Math.min(this.#end, this.#start + LONGEST));
  }
}

/** An instruction line of a trace. */
export interface InstructionLine {
  readonly pc: bigint;
  /** Bytes. */
  readonly length: number;
}

const LETTER_I = 0x49;
const SPACE = 0x20;
const COMMA = 0x2c;

/** The instruction lines of whole lines; others are passed over. */
export function* instructionLines(text: Buffer): Generator<InstructionLine> {
  for (let at = 0; at < text.length; ) {
    const end = text.indexOf(LINE_FEED, at);
    if (end < 0) return;
    if (text[at] === LETTER_I && text[at + 1] === SPACE && text[at + 2] === SPACE) {
      const comma = text.indexOf(COMMA, at);
      const line =
        comma > at && comma < end ? readLine(text.toString('latin1', at + 3, end), comma - at - 3) : undefined;
      if (line !== undefined) yield line;
    }
    at = end + 1;
  }
}

function readLine(line: string, comma: number): InstructionLine | undefined {
  const digits = line.slice(0, comma);
  const length = Number(line.slice(comma + 1));
  if (!/^[0-9a-f]{1,16}$/i.test(digits) || !Number.isInteger(length)) return undefined;
  return { pc: BigInt(`0x${digits}`), length };
}

/** The load or store of the line at a place in whole lines; `undefined` if there is another line. */
export function accessAt(text: Buffer, at: number): bigint | undefined {
  const line = text.toString('latin1', at, Math.min(text.length, at + LONGEST_ACCESS));
  const [, digits] = /^ [LS] ([0-9a-f]{1,16}),/i.exec(line) ?? [];
  return digits === undefined ? undefined : BigInt(`0x${digits}`);
}

/** The line of an access up to its comma, in bytes. */
const LONGEST_ACCESS = 20;

/** An address as Lackey begins the line of a load with it. */
export function loadPrefix(address: bigint): string {
  return ` L ${address.toString(16).padStart(8, '0')},`;
}

/** An address as Lackey begins an instruction line with it. */
export function instructionPrefix(address: bigint): string {
  return `I  ${address.toString(16).padStart(8, '0')},`;
}
