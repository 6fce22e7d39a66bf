import type { Duplex } from 'node:stream';

/** What a connection tells the server. */
export interface ConnectionEvents {
  data(bytes: Uint8Array): void;
  /** It is over, from whatever side; called once. */
  closed(): void;
}

/**
 * A stream to a debugger. What it does not read is not piled up: nothing is taken from it until it has read. One that owes something (the
 * rest of a packet, an acknowledgement, to read what it was sent) for longer than the timeout is dead.
 */
export class Connection {
  readonly #stream: Duplex;
  readonly #events: ConnectionEvents;
  readonly #timeout: number;
  readonly #owed: () => boolean;
  #timer: NodeJS.Timeout | undefined;
  #full = false;
  #open = true;

  /** `timeout`: milliseconds. `owed`: true while the protocol waits for the other side. */
  constructor(stream: Duplex, timeout: number, owed: () => boolean, events: ConnectionEvents) {
    this.#stream = stream;
    this.#timeout = timeout;
    this.#owed = owed;
    this.#events = events;
    stream.on('data', (bytes: Uint8Array) => this.#receive(bytes));
    stream.on('drain', () => {
      this.#full = false;
      if (this.#open) stream.resume();
      this.#watch();
    });
    stream.on('end', () => this.close());
    stream.on('close', () => this.close());
    stream.on('error', () => this.close());
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
    this.#events.data(bytes);
    this.#watch();
  }

  /** Starts the clock when something is owed, and stops it when nothing is. Whoever sends or reads gets its time anew. */
  #watch(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (!this.#open || !(this.#full || this.#owed())) return;
    this.#timer = setTimeout(() => this.destroy(), this.#timeout).unref();
  }
}
