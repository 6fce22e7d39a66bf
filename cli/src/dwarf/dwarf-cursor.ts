import { ElfError } from '../elf/elf-error.js';

/** Bytes of a text at most. */
const LONGEST_TEXT = 65_536;
/** As Node's own does: a mark at the beginning is a character like others. */
const TEXT = new TextDecoder('utf-8', { ignoreBOM: true });

/** Reads a section of debug information from left to right. Throws `ElfError` at its end. */
export class DwarfCursor {
  readonly bytes: Uint8Array;
  at: number;
  readonly #view: DataView;
  readonly #little: boolean;

  constructor(bytes: Uint8Array, little: boolean, at = 0) {
    this.bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#little = little;
    this.at = at;
  }

  u8(): number {
    return this.#view.getUint8(this.#take(1));
  }

  u16(): number {
    return this.#view.getUint16(this.#take(2), this.#little);
  }

  u32(): number {
    return this.#view.getUint32(this.#take(4), this.#little);
  }

  u64(): bigint {
    return this.#view.getBigUint64(this.#take(8), this.#little);
  }

  /** An unsigned number of 1 to 8 bytes. */
  unsigned(size: number): bigint {
    if (size === 8) return this.u64();
    if (size === 4) return BigInt(this.u32());
    if (size === 2) return BigInt(this.u16());
    if (size === 1) return BigInt(this.u8());
    if (size !== 3) throw new ElfError(`the debug information has a number of ${size} bytes: it is damaged`);
    const at = this.#take(3);
    const bytes = [0, 1, 2].map((i) => this.#view.getUint8(at + (this.#little ? i : 2 - i)));
    return BigInt((bytes[0] ?? 0) | ((bytes[1] ?? 0) << 8) | ((bytes[2] ?? 0) << 16));
  }

  /** An offset into a section: of 4 bytes, or 8 in the 64-bit format. */
  offset(size: 4 | 8): number {
    return Number(this.unsigned(size));
  }

  /** A variable-length number without a sign; of what has more than 64 bits the lower ones. */
  uleb(): bigint {
    return BigInt.asUintN(64, this.#leb().value);
  }

  /** A variable-length number with a sign. */
  sleb(): bigint {
    const { value, bits } = this.#leb();
    return BigInt.asIntN(bits, value);
  }

  #leb(): { value: bigint; bits: number } {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = this.u8();
      if (shift < 64n) value |= BigInt(byte & 0x7f) << shift;
      if ((byte & 0x80) === 0) return { value, bits: Number(shift) + 7 };
    }
  }

  block(size: number): Uint8Array {
    const at = this.#take(size);
    return this.bytes.subarray(at, at + size);
  }

  skip(size: number): void {
    this.#take(size);
  }

  /** A text that a zero byte ends. */
  text(): string {
    const end = this.bytes.subarray(this.at, this.at + LONGEST_TEXT).indexOf(0) + this.at;
    if (end < this.at) throw new ElfError(`a name in the debug information has no end within ${LONGEST_TEXT} bytes`);
    const text = TEXT.decode(this.bytes.subarray(this.at, end));
    this.at = end + 1;
    return text;
  }

  #take(size: number): number {
    const { at } = this;
    if (!(size >= 0) || at < 0 || at + size > this.bytes.length)
      throw new ElfError('the debug information ends early: the file is cut short or damaged');
    this.at = at + size;
    return at;
  }
}
