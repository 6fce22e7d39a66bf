import { ReplyWriter } from './reply-writer.js';

const ACK = Uint8Array.of(0x2b);
const NAK = Uint8Array.of(0x2d);

/**
 * The bytes for the debugger: packets, put together one at a time, and acknowledgements of its own. The latest packet
 * is kept: it may be wanted again.
 */
export class Outbox {
  /** The packet that is being written. */
  readonly reply = new ReplyWriter();
  readonly #wire: { send(bytes: Uint8Array): void };
  #latest: Uint8Array | undefined;
  /** False after `QStartNoAckMode`. */
  #acknowledging = true;
  #unacknowledged = false;
  /**
   * The latest was sent again already for the bytes at hand: a byte that asks for it costs nothing, an answer may be
   * long.
   */
  #repeated = false;

  constructor(wire: { send(bytes: Uint8Array): void }) {
    this.#wire = wire;
  }

  /** True while the other side owes an acknowledgement. */
  get owed(): boolean {
    return this.#unacknowledged && this.#acknowledging;
  }

  /** Sends what was written. */
  send(): void {
    this.#latest = this.reply.finish();
    this.#unacknowledged = true;
    this.#wire.send(this.#latest);
  }

  /** Acknowledges a packet that came, while that is on. False: it was damaged, and comes again. */
  acknowledge(intact: boolean): boolean {
    if (!this.#acknowledging) return true;
    this.#wire.send(intact ? ACK : NAK);
    return intact;
  }

  /** From the next packet on, nobody acknowledges any. */
  stopAcknowledging(): void {
    this.#acknowledging = false;
  }

  /** New bytes have come from the other side. */
  heard(): void {
    this.#repeated = false;
  }

  /** The other side has the latest packet. */
  acknowledged(): void {
    this.#unacknowledged = false;
  }

  /** The other side wants the latest packet again. */
  repeat(): void {
    if (this.#latest === undefined || !this.#acknowledging || this.#repeated) return;
    this.#repeated = true;
    this.#wire.send(this.#latest);
  }
}
