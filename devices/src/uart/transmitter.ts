import type { ImageReader, ImageValue } from '@hwbp/core';
import { FIFO_SIZE, LSR_TEMT, LSR_THRE } from './registers.js';

/** The transmitter of the port: its FIFO, or the holding register without one, and the shift register. */
export class Transmitter {
  #held: number[] = [];
  #fifos = false;
  /** What is on its way. */
  #shifting: number | undefined;
  /** It has become empty, and nobody has been told. */
  emptied = false;

  /** Bits of LSR. */
  get status(): number {
    const empty = this.#held.length === 0;
    return (empty ? LSR_THRE : 0) | (empty && this.#shifting === undefined ? LSR_TEMT : 0);
  }

  /** Writes THR. What finds no room is lost, with FIFOs; without them it takes the place of what waits. */
  put(value: number): void {
    this.emptied = false;
    if (!this.#fifos) this.#held = [value];
    else if (this.#held.length < FIFO_SIZE) this.#held.push(value);
  }

  /** The next character begins, if none is on its way: true if one does. */
  begin(): boolean {
    if (this.#shifting !== undefined) return false;
    this.#shifting = this.#held.shift();
    if (this.#shifting !== undefined && this.#held.length === 0) this.emptied = true;
    return this.#shifting !== undefined;
  }

  /** The character that is on its way has gone. */
  finish(): number {
    const sent = this.#shifting ?? 0;
    this.#shifting = undefined;
    return sent;
  }

  enableFifos(on: boolean): void {
    if (on !== this.#fifos) this.clear();
    this.#fifos = on;
  }

  /** Empties the FIFO; what is on its way goes. */
  clear(): void {
    if (this.#held.length > 0) this.emptied = true;
    this.#held = [];
  }

  save(): ImageValue {
    return {
      held: [...this.#held],
      fifos: this.#fifos,
      shifting: this.#shifting ?? null,
      emptied: this.emptied,
    };
  }

  restore(from: ImageReader): void {
    const shifting = from.field('shifting');
    this.#held = from
      .field('held')
      .list()
      .map((one) => one.number(0, 255));
    this.#fifos = from.field('fifos').flag();
    this.#shifting = shifting.absent ? undefined : shifting.number(0, 255);
    this.emptied = from.field('emptied').flag();
  }
}
