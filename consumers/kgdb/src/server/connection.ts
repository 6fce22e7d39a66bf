import type { Duplex } from 'node:stream';
import type { Timer } from './timer.js';

const NOTHING = new Uint8Array(0);

/** What a connection asks the server, and tells it. */
export interface ConnectionEvents {
  /** The number of what the protocol waits for from the other side; `undefined`: for nothing. */
  debt(): number | undefined;
  /** Returns how many of the bytes were taken: fewer once the connection is full. */
  data(bytes: Uint8Array): number;
  /** It is over, from whatever side; called once. */
  closed(): void;
}

/**
 * A stream to a debugger. What it does not read is not piled up: nothing is taken from it until it has read. One that
 * owes something (the rest of a packet, an acknowledgement, to read what it was sent) for longer than the timeout is
 * dead.
 */
export class Connection {
  readonly #stream: Duplex;
  readonly #events: ConnectionEvents;
  readonly #timeout: number;
  readonly #timer: Timer;
  /** What the clock runs for, and how it is stopped. */
  #debt: string | undefined;
  #stopClock = (): void => {};
  #full = false;
  /** How often the other side has read everything. */
  #drains = 0;
  #open = true;
  /** What was read and not taken yet: at most what the stream hands over at a time. */
  #rest: Uint8Array = NOTHING;

  /** `timeout`: milliseconds. */
  constructor(stream: Duplex, timeout: number, timer: Timer, events: ConnectionEvents) {
    this.#stream = stream;
    this.#timeout = timeout;
    this.#timer = timer;
    this.#events = events;
    stream.on('data', (bytes: Uint8Array) => this.#receive(bytes));
    stream.on('drain', () => this.#drained());
    stream.on('end', () => this.close());
    stream.on('close', () => this.close());
    stream.on('error', () => this.close());
    this.#watch();
  }

  /** True while the other side does not read. */
  get full(): boolean {
    return this.#full;
  }

  send(bytes: Uint8Array): void {
    if (!this.#open || this.#stream.write(bytes)) return;
    this.#full = true;
    this.#stream.pause();
    this.#watch();
  }

  /** Sends this, whatever the other side reads, and lets it go. */
  dismiss(bytes: Uint8Array): void {
    this.#stream.write(bytes);
    this.close();
  }

  /** Sends what was written, and no more. */
  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#stopClock();
    this.#stream.end();
    // A peer that keeps its side open, or does not read, must not keep the socket.
    this.#stream.once(
      'close',
      this.#timer(this.#timeout, () => this.#stream.destroy()),
    );
    this.#events.closed();
  }

  /** Cuts it off. */
  destroy(): void {
    this.#stream.destroy();
    this.close();
  }

  #receive(bytes: Uint8Array): void {
    if (!this.#open) return;
    const taken = this.#events.data(bytes);
    this.#rest = taken < bytes.length ? bytes.slice(taken) : NOTHING;
    this.#watch();
  }

  #drained(): void {
    this.#full = false;
    this.#drains++;
    const rest = this.#rest;
    this.#rest = NOTHING;
    if (rest.length > 0) this.#receive(rest);
    if (this.#open && !this.#full) this.#stream.resume();
    this.#watch();
  }

  /**
   * Starts the clock when something is owed, and stops it once that is paid. Bytes that pay nothing, such as one of a
   * packet now and then, win no time.
   */
  #watch(): void {
    const debt = this.#open ? this.#owing() : undefined;
    if (debt === this.#debt) return;
    this.#stopClock();
    this.#debt = debt;
    this.#stopClock = debt === undefined ? () => {} : this.#timer(this.#timeout, () => this.destroy());
  }

  #owing(): string | undefined {
    if (this.#full) return `to read, after ${this.#drains} times`;
    const debt = this.#events.debt();
    return debt === undefined ? undefined : `to answer ${debt}`;
  }
}
