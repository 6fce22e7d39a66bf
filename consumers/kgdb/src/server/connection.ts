import type { Duplex } from 'node:stream';

const NOTHING = new Uint8Array(0);

/** What a connection tells the server. */
export interface ConnectionEvents {
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
  readonly #owed: () => boolean;
  #timer: NodeJS.Timeout | undefined;
  #full = false;
  #open = true;
  /** What was read and not taken yet: at most what the stream hands over at a time. */
  #rest: Uint8Array = NOTHING;

  /** `timeout`: milliseconds. `owed`: true while the protocol waits for the other side. */
  constructor(stream: Duplex, timeout: number, owed: () => boolean, events: ConnectionEvents) {
    this.#stream = stream;
    this.#timeout = timeout;
    this.#owed = owed;
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

  /** Sends what was written, and no more. */
  close(): void {
    if (!this.#open) return;
    this.#open = false;
    clearTimeout(this.#timer);
    this.#stream.end();
    // A peer that keeps its side open, or does not read, must not keep the socket.
    setTimeout(() => this.#stream.destroy(), this.#timeout).unref();
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
    const rest = this.#rest;
    this.#rest = NOTHING;
    if (rest.length > 0) this.#receive(rest);
    if (this.#open && !this.#full) this.#stream.resume();
    this.#watch();
  }

  /**
   * Starts the clock when something is owed, and stops it when nothing is. Whoever sends or reads gets its time anew.
   */
  #watch(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (!this.#open || !(this.#full || this.#owed())) return;
    this.#timer = setTimeout(() => this.destroy(), this.#timeout).unref();
  }
}
