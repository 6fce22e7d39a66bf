import type { KernelError } from '@hwbp/core';
import { fromUtf8 } from './from-utf8.js';

/** Makes the error for bytes that are not what they should be. */
export type Malformed = (what: string) => KernelError;

/** Little-endian bytes that are read once, from the front. Reading behind the end throws what `malformed` makes. */
export class ByteReader {
  /** Where the next read begins. */
  at = 0;
  readonly bytes: Uint8Array;
  readonly #view: DataView;
  readonly #malformed: Malformed;

  constructor(bytes: Uint8Array, malformed: Malformed) {
    this.bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#malformed = malformed;
  }

  /** Bytes that are left. */
  get left(): number {
    return this.bytes.length - this.at;
  }

  u8(name: string): number {
    return this.#view.getUint8(this.#take(name, 1));
  }

  u16(name: string): number {
    return this.#view.getUint16(this.#take(name, 2), true);
  }

  u32(name: string): number {
    return this.#view.getUint32(this.#take(name, 4), true);
  }

  u64(name: string): bigint {
    return this.#view.getBigUint64(this.#take(name, 8), true);
  }

  /** A 64-bit number of things that lie behind it, each of at least `each` bytes. */
  count(name: string, each: number): number {
    const count = this.u64(name);
    if (count > BigInt(Math.floor(this.left / each))) {
      throw this.#malformed(`${name} is ${count}, and only ${this.left} bytes follow`);
    }
    return Number(count);
  }

  /** A view of the next bytes. */
  raw(name: string, count: number): Uint8Array {
    const at = this.#take(name, count);
    return this.bytes.subarray(at, at + count);
  }

  /** A text with a NUL behind it, in the next `count` bytes. */
  text(name: string, count: number): string {
    const bytes = this.raw(name, count);
    const end = bytes.indexOf(0);
    if (end < 0) throw this.#malformed(`${name} has no NUL behind it`);
    return fromUtf8(bytes.subarray(0, end));
  }

  #take(name: string, count: number): number {
    const { at } = this;
    if (count > this.left || count < 0) throw this.#malformed(`it ends before ${name}`);
    this.at += count;
    return at;
  }
}
