import { HIGH_DIGITS, LOW_DIGITS } from './hex.js';
import { PACKET_SIZE } from './limits.js';

const DOLLAR = 0x24;
const HASH = 0x23;
const ESCAPE = 0x7d;
const STAR = 0x2a;
const ZERO = 0x30;

/** Bytes of the frame around a payload: `$` and `#xx`. */
const FRAME = 4;

/** Puts one packet together at a time. A payload never grows beyond {@link PACKET_SIZE}: what does not fit is a RangeError. */
export class ReplyWriter {
  readonly #bytes = new Uint8Array(PACKET_SIZE + FRAME);
  /** Behind the `$`. */
  #at = 1;

  constructor() {
    this.#bytes[0] = DOLLAR;
  }

  /** Bytes of payload so far. */
  get length(): number {
    return this.#at - 1;
  }

  /** Bytes of payload that still fit. */
  get room(): number {
    return PACKET_SIZE - this.length;
  }

  clear(): void {
    this.#at = 1;
  }

  /** Plain ASCII without `#`, `$`, `}` and `*`, which would have to be escaped. */
  text(text: string): void {
    for (let i = 0; i < text.length; i++) this.#put(text.charCodeAt(i));
  }

  /** Two digits for each byte. */
  hex(bytes: Uint8Array): void {
    if (2 * bytes.length > this.room) throw new RangeError(`a reply of more than ${PACKET_SIZE} bytes`);
    let at = this.#at;
    for (let i = 0; i < bytes.length; i++) {
      const byte = bytes[i] as number;
      this.#bytes[at++] = HIGH_DIGITS[byte] as number;
      this.#bytes[at++] = LOW_DIGITS[byte] as number;
    }
    this.#at = at;
  }

  /** Digits of zero bytes. */
  zeroes(bytes: number): void {
    if (2 * bytes > this.room) throw new RangeError(`a reply of more than ${PACKET_SIZE} bytes`);
    this.#bytes.fill(ZERO, this.#at, this.#at + 2 * bytes);
    this.#at += 2 * bytes;
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

  /** The packet as it goes over the wire, in bytes of its own. */
  finish(): Uint8Array {
    const bytes = this.#bytes;
    const end = this.#at;
    let sum = 0;
    for (let i = 1; i < end; i++) sum += bytes[i] as number;
    bytes[end] = HASH;
    bytes[end + 1] = HIGH_DIGITS[sum & 0xff] as number;
    bytes[end + 2] = LOW_DIGITS[sum & 0xff] as number;
    return bytes.slice(0, end + 3);
  }

  #put(byte: number): void {
    if (this.room < 1) throw new RangeError(`a reply of more than ${PACKET_SIZE} bytes`);
    this.#bytes[this.#at++] = byte;
  }
}
