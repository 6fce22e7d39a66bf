import { utf8 } from '@hwbp/core';
import type { U64 } from '../attr/perf-event-attr.js';

const FIRST_CAPACITY = 256;
const U32 = 0x1_0000_0000;

/**
 * Little-endian bytes that grow. Every value is checked: one that does not fit its field is a TypeError that names the
 * field.
 */
export class ByteWriter {
  /** Bytes written so far. */
  length = 0;
  #bytes = new Uint8Array(FIRST_CAPACITY);
  #view = new DataView(this.#bytes.buffer);

  /** What was written. Good until the next write or {@link clear}. */
  get written(): Uint8Array {
    return this.#bytes.subarray(0, this.length);
  }

  clear(): void {
    this.length = 0;
  }

  u8(name: string, value: number): void {
    check(name, value, 0x100);
    const at = this.#grow(1);
    this.#view.setUint8(at, value);
  }

  u16(name: string, value: number): void {
    check(name, value, 0x1_0000);
    const at = this.#grow(2);
    this.#view.setUint16(at, value, true);
  }

  u32(name: string, value: number): void {
    check(name, value, U32);
    const at = this.#grow(4);
    this.#view.setUint32(at, value, true);
  }

  u64(name: string, value: U64): void {
    if (typeof value === 'number') {
      check(name, value, Number.MAX_SAFE_INTEGER + 1);
      const at = this.#grow(8);
      this.#view.setUint32(at, value % U32, true);
      this.#view.setUint32(at + 4, Math.floor(value / U32), true);
      return;
    }
    if (typeof value !== 'bigint' || BigInt.asUintN(64, value) !== value) {
      throw new TypeError(`${name} is an unsigned number of 64 bits, got ${String(value)}`);
    }
    const at = this.#grow(8);
    this.#view.setBigUint64(at, value, true);
  }

  raw(bytes: Uint8Array): void {
    const at = this.#grow(bytes.length);
    this.#bytes.set(bytes, at);
  }

  zeros(count: number): void {
    const at = this.#grow(count);
    this.#bytes.fill(0, at, at + count);
  }

  /**
   * UTF-8 with a NUL behind it, padded with zeros to a multiple of `align` bytes. Throws a TypeError for a text with a
   * NUL in it.
   */
  text(name: string, value: string, align: number): void {
    if (typeof value !== 'string' || value.includes('\0')) {
      throw new TypeError(`${name} is a text without NUL characters`);
    }
    const bytes = utf8(value);
    this.raw(bytes);
    this.zeros(align - (bytes.length % align));
  }

  /** Writes over what is there. */
  patchU16(at: number, value: number): void {
    this.#view.setUint16(at, value, true);
  }

  /** Writes over what is there. */
  patch(at: number, bytes: Uint8Array): void {
    this.written.set(bytes, at);
  }

  /** Where `count` new bytes begin. */
  #grow(count: number): number {
    const at = this.length;
    this.length += count;
    if (this.length > this.#bytes.length) {
      const bytes = new Uint8Array(Math.max(this.length, this.#bytes.length * 2));
      bytes.set(this.#bytes.subarray(0, at));
      this.#bytes = bytes;
      this.#view = new DataView(bytes.buffer);
    }
    return at;
  }
}

function check(name: string, value: number, limit: number): void {
  if (Number.isInteger(value) && value >= 0 && value < limit) return;
  throw new TypeError(`${name} is a whole number from 0 to ${limit - 1}, got ${String(value)}`);
}
