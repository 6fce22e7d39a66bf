import { ElfError } from './elf-error.js';

/** As Node's own does: a mark at the beginning is a character like others. */
const TEXT = new TextDecoder('utf-8', { ignoreBOM: true });

/**
 * Numbers out of an ELF file, in its own byte order and word size. Every read is checked against the end of the file.
 */
export class ElfReader {
  readonly wide: boolean;
  readonly #view: DataView;
  readonly little: boolean;

  constructor(bytes: Uint8Array, wide: boolean, little: boolean) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.wide = wide;
    this.little = little;
  }

  /** Bytes in the file. */
  get length(): number {
    return this.#view.byteLength;
  }

  u8(at: number): number {
    return this.#view.getUint8(this.#check(at, 1));
  }

  u16(at: number): number {
    return this.#view.getUint16(this.#check(at, 2), this.little);
  }

  u32(at: number): number {
    return this.#view.getUint32(this.#check(at, 4), this.little);
  }

  /** Little endian, whatever the file is: an instruction of AArch64. */
  littleU32(at: number): number {
    return this.#view.getUint32(this.#check(at, 4), true);
  }

  /** An address, offset or size: 32 or 64 bits. */
  word(at: number): bigint {
    if (!this.wide) return BigInt(this.u32(at));
    return this.#view.getBigUint64(this.#check(at, 8), this.little);
  }

  /** A string that a zero byte ends before `end`, of at most `most` bytes. */
  text(at: number, end: number, most: number): string {
    const text = this.textOr(undefined, at, end, most);
    if (text === undefined) throw new ElfError(`a name at byte ${at} has no end`);
    return text;
  }

  /** The same; or something else if it has no end. */
  textOr<T>(other: T, at: number, end: number, most: number): string | T {
    const limit = Math.min(end, this.length, at + most);
    const characters: number[] = [];
    for (let i = at; i < limit; i++) {
      const byte = this.#view.getUint8(i);
      if (byte === 0) return TEXT.decode(Uint8Array.from(characters));
      characters.push(byte);
    }
    return other;
  }

  /** A range of the file as plain numbers. Throws if it does not lie inside. */
  range(offset: bigint, size: bigint, what: string): { readonly offset: number; readonly size: number } {
    if (offset + size <= BigInt(this.length)) return { offset: Number(offset), size: Number(size) };
    throw new ElfError(
      `${what} (${size} bytes at ${offset}) lies outside the file of ${this.length} bytes: it is cut short or damaged`,
    );
  }

  #check(at: number, size: number): number {
    if (at >= 0 && at + size <= this.length) return at;
    throw new ElfError(
      `the file ends at byte ${this.length}, before what its headers name at byte ${at}: it is cut short or damaged`,
    );
  }
}
