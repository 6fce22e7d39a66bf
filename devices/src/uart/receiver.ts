import type { ImageReader, ImageValue } from '@hwbp/core';
import { FIFO_SIZE, LSR_BI, LSR_DR, LSR_FE, LSR_FIFO_ERROR, LSR_OE, LSR_PE } from './registers.js';
import type { Incoming } from './serial-line.js';

const ERRORS = LSR_PE | LSR_FE | LSR_BI;

/** A received character, with what LSR says of it when it is on top. */
interface Received {
  readonly value: number;
  readonly errors: number;
}

/** The receiver of the port: its FIFO, or the single buffer without one. */
export class Receiver {
  /** The first is the one that is read next. */
  #held: Received[] = [];
  #fifos = false;
  /** Bits of LSR that reading it clears. */
  #status = 0;
  /** Nobody has read for four characters' time, and none has come. */
  timedOut = false;

  get length(): number {
    return this.#held.length;
  }

  /** Bits of LSR. */
  get status(): number {
    const error = this.#fifos && this.#held.some(({ errors }) => errors !== 0) ? LSR_FIFO_ERROR : 0;
    return (this.#held.length > 0 ? LSR_DR : 0) | this.#status | error;
  }

  /** Bits that interrupt as the receiver's line status. */
  get troubles(): number {
    return this.#status;
  }

  /** A character has come. */
  receive({ value, parity = false, framing = false, break: isBreak = false }: Incoming, bits: number): void {
    const errors = (parity ? LSR_PE : 0) | (framing ? LSR_FE : 0) | (isBreak ? LSR_BI : 0);
    const received = { value: isBreak ? 0 : value & bits, errors };
    if (this.#held.length === (this.#fifos ? FIFO_SIZE : 1)) {
      this.#status |= LSR_OE;
      // With FIFOs the new one is lost, without them the old one.
      if (this.#fifos) return;
      this.#held = [];
    }
    this.#held.push(received);
    if (this.#held.length === 1) this.#show(received);
  }

  /** Reads RBR: 0 if there is nothing. */
  take(): number {
    this.timedOut = false;
    const taken = this.#held.shift();
    const [top] = this.#held;
    if (taken !== undefined && top !== undefined) this.#show(top);
    return taken?.value ?? 0;
  }

  /** LSR was read: what it said is over. */
  statusRead(): void {
    this.#status = 0;
    const [top, ...others] = this.#held;
    if (top !== undefined) this.#held = [{ ...top, errors: 0 }, ...others];
  }

  /** FIFOs are switched on or off, which empties them. */
  enableFifos(on: boolean): void {
    if (on !== this.#fifos) this.clear();
    this.#fifos = on;
  }

  clear(): void {
    this.#held = [];
    this.timedOut = false;
  }

  save(): ImageValue {
    const held = this.#held.map(({ value, errors }) => [value, errors]);
    return { held, fifos: this.#fifos, status: this.#status, timedOut: this.timedOut };
  }

  restore(from: ImageReader): void {
    this.#held = from
      .field('held')
      .list()
      .map((one) => {
        const [value, errors] = one.list();
        if (value === undefined || errors === undefined) throw one.invalid('a character and its errors');
        return { value: value.number(0, 255), errors: errors.number(0, 255) };
      });
    this.#fifos = from.field('fifos').flag();
    this.#status = from.field('status').number(0, 255);
    this.timedOut = from.field('timedOut').flag();
  }

  #show({ errors }: Received): void {
    this.#status |= errors & ERRORS;
  }
}
