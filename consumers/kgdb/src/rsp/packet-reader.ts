import { digitValue } from './hex.js';
import { PACKET_SIZE } from './limits.js';

const DOLLAR = 0x24;
const HASH = 0x23;
const ESCAPE = 0x7d;
const PLUS = 0x2b;
const MINUS = 0x2d;
const CTRL_C = 0x03;

/** What arrives from a debugger. */
export interface PacketEvents {
  /** A packet, its escapes undone. The bytes are good for the length of the call. `intact`: its checksum is right. */
  packet(payload: Uint8Array, intact: boolean): void;
  /** A packet of more than {@link PACKET_SIZE} bytes came to its end. */
  tooLong(): void;
  /** `+`: the other side has our latest packet. */
  acknowledged(): void;
  /** `-`: the other side wants it again. */
  rejected(): void;
  /** Ctrl-C outside a packet. */
  interrupt(): void;
}

/**
 * Takes packets out of a stream of bytes that is cut anywhere: `$payload#xx`, `+`, `-` and Ctrl-C; anything else
 * between packets is noise. Keeps at most one packet. A `$` in a packet begins it anew: the sender had lost the thread.
 */
export class PacketReader {
  readonly #events: PacketEvents;
  readonly #buffer = new Uint8Array(PACKET_SIZE);
  #state: 'between' | 'payload' | 'escaped' | 'checksum' | 'last digit' = 'between';
  #length = 0;
  #overflow = false;
  #sum = 0;
  #first = 0;

  constructor(events: PacketEvents) {
    this.#events = events;
  }

  /** True in the middle of a packet. */
  get partial(): boolean {
    return this.#state !== 'between';
  }

  /**
   * Returns how many of the bytes were read: all of them, unless `pause` says between two packets that it is enough for
   * now.
   */
  feed(bytes: Uint8Array, pause: () => boolean): number {
    for (let at = 0; at < bytes.length; at++) {
      this.#byte(bytes[at] as number);
      if (this.#state === 'between' && pause()) return at + 1;
    }
    return bytes.length;
  }

  #byte(byte: number): void {
    switch (this.#state) {
      case 'between':
        this.#between(byte);
        break;
      case 'payload':
        if (byte === HASH) this.#state = 'checksum';
        else if (byte === DOLLAR) this.#begin();
        else this.#payload(byte);
        break;
      case 'escaped':
        this.#sum += byte;
        this.#keep(byte ^ 0x20);
        this.#state = 'payload';
        break;
      case 'checksum':
        this.#first = byte;
        this.#state = 'last digit';
        break;
      case 'last digit':
        this.#state = 'between';
        this.#end(byte);
    }
  }

  #between(byte: number): void {
    if (byte === DOLLAR) this.#begin();
    else if (byte === PLUS) this.#events.acknowledged();
    else if (byte === MINUS) this.#events.rejected();
    else if (byte === CTRL_C) this.#events.interrupt();
  }

  #begin(): void {
    this.#state = 'payload';
    this.#length = 0;
    this.#sum = 0;
    this.#overflow = false;
  }

  #payload(byte: number): void {
    this.#sum += byte;
    if (byte === ESCAPE) this.#state = 'escaped';
    else this.#keep(byte);
  }

  #keep(byte: number): void {
    if (this.#length < PACKET_SIZE) this.#buffer[this.#length++] = byte;
    else this.#overflow = true;
  }

  #end(byte: number): void {
    const high = digitValue(this.#first);
    const low = digitValue(byte);
    const intact = high >= 0 && low >= 0 && ((high << 4) | low) === (this.#sum & 0xff);
    if (this.#overflow) this.#events.tooLong();
    else this.#events.packet(this.#buffer.subarray(0, this.#length), intact);
  }
}
