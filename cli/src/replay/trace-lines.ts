/** Longest line that is kept for the next block, in bytes. */
const LONGEST = 4096;
const LINE_FEED = 0x0a;

/** The text of a trace in pieces that end where a line ends. */
export class WholeLines {
  #rest = Buffer.alloc(0);

  /** What is complete with these bytes; what follows the last line feed is kept. */
  add(block: Uint8Array): Buffer {
    const bytes = Buffer.from(block.buffer, block.byteOffset, block.length);
    const last = bytes.lastIndexOf(LINE_FEED);
    const whole = last < 0 ? EMPTY : Buffer.concat([this.#rest, bytes.subarray(0, last + 1)]);
    const before = last < 0 ? this.#rest : EMPTY;
    this.#rest = Buffer.concat([before, bytes.subarray(last + 1)]).subarray(0, LONGEST);
    return whole;
  }

  /** The last line, which nothing has ended. */
  get rest(): string {
    return this.#rest.toString('latin1');
  }
}

const EMPTY = Buffer.alloc(0);

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

/** An address as Lackey begins an instruction line with it. */
export function instructionPrefix(address: bigint): string {
  return `I  ${address.toString(16).padStart(8, '0')},`;
}
