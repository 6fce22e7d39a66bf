import { DIGIT_PAIRS, hexByte } from './hex.js';
import { PACKET_SIZE } from './limits.js';
import { writeLongHex } from './long-hex.js';

const DOLLAR = 0x24;
const HASH = 0x23;
const ESCAPE = 0x7d;
const STAR = 0x2a;
const ZERO = 0x30;

/**
 * Bytes that packets are written into, one behind the other; then into others. A packet that was handed out is not
 * touched again.
 */
const SLAB = 256 * 1024;
/** Bytes from which on it pays to write two at a time. */
const LONG = 64;
/** Bytes of the frame around a payload: `$` and `#xx`. */
const FRAME = 4;

/**
 * Puts one packet together at a time. A payload never grows beyond {@link PACKET_SIZE}: what does not fit is a
 * RangeError.
 */
export class ReplyWriter {
  #bytes = new Uint8Array(SLAB);
  #pairs = new Uint16Array(this.#bytes.buffer);
  #quads = new Int32Array(this.#bytes.buffer);
  /** Where the payload begins, behind the `$`: a multiple of 4, so that four digits can be stored at a time. */
  #begin = 4;
  #at = 4;
  /** Of the payload so far. */
  #sum = 0;

  /** Bytes of payload that still fit. */
  get room(): number {
    return PACKET_SIZE - (this.#at - this.#begin);
  }

  clear(): void {
    this.#at = this.#begin;
    this.#sum = 0;
  }

  /** Plain ASCII without `#`, `$`, `}` and `*`, which would have to be escaped. */
  text(text: string): void {
    for (let i = 0; i < text.length; i++) this.#put(text.charCodeAt(i));
  }

  /** Two digits for each byte. */
  hex(bytes: Uint8Array): void {
    this.#reserve(2 * bytes.length);
    if (this.#at % 2 === 1) {
      for (const byte of bytes) this.text(hexByte(byte));
      return;
    }
    const done = this.#at % 4 === 0 && bytes.byteOffset % 2 === 0 && bytes.length >= LONG ? this.#hexLong(bytes) : 0;
    // V8 loads an imported binding anew in every round of a loop.
    const table = DIGIT_PAIRS;
    const pairs = this.#pairs;
    const from = this.#at >> 1;
    let sum = this.#sum;
    for (let i = done; i < bytes.length; i++) {
      const entry = table[bytes[i] as number] as number;
      pairs[from + i] = entry;
      sum = (sum + (entry >> 16)) | 0;
    }
    this.#sum = sum;
    this.#at += 2 * bytes.length;
  }

  /** Writes the digits of an even number of bytes, behind the payload; returns how many. */
  #hexLong(bytes: Uint8Array): number {
    const halves = new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.length >> 1);
    this.#sum += writeLongHex(halves, this.#quads, this.#at >> 2);
    return 2 * halves.length;
  }

  /** Digits of zero bytes. */
  zeroes(bytes: number): void {
    this.#reserve(2 * bytes);
    this.#bytes.fill(ZERO, this.#at, this.#at + 2 * bytes);
    this.#at += 2 * bytes;
    this.#sum += 2 * bytes * ZERO;
  }

  /** Binary data, escaped, up to where the packet is full; returns how many of the bytes fitted. */
  binary(bytes: Uint8Array): number {
    for (let i = 0; i < bytes.length; i++) {
      const byte = bytes[i] as number;
      const special = byte === HASH || byte === DOLLAR || byte === ESCAPE || byte === STAR;
      if (this.room < (special ? 2 : 1)) return i;
      if (special) this.#put(ESCAPE);
      this.#put(special ? byte ^ 0x20 : byte);
    }
    return bytes.length;
  }

  /** The packet as it goes over the wire; the next one begins. */
  finish(): Uint8Array {
    const bytes = this.#bytes;
    const end = this.#at;
    const digits = hexByte(this.#sum);
    bytes[this.#begin - 1] = DOLLAR;
    bytes[end] = HASH;
    bytes[end + 1] = digits.charCodeAt(0);
    bytes[end + 2] = digits.charCodeAt(1);
    const packet = bytes.subarray(this.#begin - 1, end + 3);
    this.#begin = (end + 3 + 1 + 3) & ~3;
    if (this.#begin + PACKET_SIZE + FRAME > SLAB) {
      this.#bytes = new Uint8Array(SLAB);
      this.#pairs = new Uint16Array(this.#bytes.buffer);
      this.#quads = new Int32Array(this.#bytes.buffer);
      this.#begin = 4;
    }
    this.clear();
    return packet;
  }

  #reserve(bytes: number): void {
    if (bytes > this.room) throw new RangeError(`a reply of more than ${PACKET_SIZE} bytes`);
  }

  #put(byte: number): void {
    this.#reserve(1);
    this.#bytes[this.#at++] = byte;
    this.#sum += byte;
  }
}
