/** Bytes that are written one value after the other, in the byte order of a machine. */
export class Bytes {
  readonly #little: boolean;
  #bytes = new Uint8Array(256);
  #length = 0;

  constructor(little: boolean) {
    this.#little = little;
  }

  get length(): number {
    return this.#length;
  }

  /** What was written so far. */
  take(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  u8(...values: readonly number[]): this {
    for (const value of values) this.#view(1).setUint8(0, value);
    return this;
  }

  u16(value: number): this {
    this.#view(2).setUint16(0, value, this.#little);
    return this;
  }

  u32(value: number): this {
    this.#view(4).setUint32(0, value, this.#little);
    return this;
  }

  u64(value: bigint): this {
    this.#view(8).setBigUint64(0, BigInt.asUintN(64, value), this.#little);
    return this;
  }

  /** A number of DWARF's variable length. */
  uleb(value: number): this {
    let rest = value;
    for (; rest > 0x7f; rest = Math.floor(rest / 128)) this.u8((rest & 0x7f) | 0x80);
    return this.u8(rest);
  }

  /** The same with a sign. */
  sleb(value: number): this {
    let rest = value;
    for (; rest < -64 || rest > 63; rest >>= 7) this.u8((rest & 0x7f) | 0x80);
    return this.u8(rest & 0x7f);
  }

  /** A text, and a zero behind it. */
  text(value: string): this {
    return this.append(new TextEncoder().encode(value)).u8(0);
  }

  append(bytes: Uint8Array): this {
    this.#room(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
    return this;
  }

  /** Zeroes up to a multiple of `size`. */
  align(size: number): this {
    return this.append(new Uint8Array((size - (this.#length % size)) % size));
  }

  /** A block that begins with its length, in 4 bytes. */
  block(write: (inside: Bytes) => void): this {
    const inside = new Bytes(this.#little);
    write(inside);
    return this.u32(inside.length).append(inside.take());
  }

  #room(size: number): void {
    if (this.#length + size <= this.#bytes.length) return;
    const larger = new Uint8Array(2 * (this.#length + size));
    larger.set(this.#bytes);
    this.#bytes = larger;
  }

  #view(size: number): DataView {
    this.#room(size);
    const view = new DataView(this.#bytes.buffer, this.#length, size);
    this.#length += size;
    return view;
  }
}
