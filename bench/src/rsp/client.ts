import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

const HASH = 0x23;
/** Milliseconds that an answer may take. */
const PATIENCE = 10_000;

function framed(payload: string): Buffer {
  let sum = 0;
  for (let i = 0; i < payload.length; i++) sum += payload.charCodeAt(i);
  return Buffer.from(`$${payload}#${(sum & 0xff).toString(16).padStart(2, '0')}`, 'latin1');
}

/** The same client for every stub: one packet, one answer, again. */
export class RspClient {
  readonly #socket: Socket;
  #pieces: Buffer[] = [];
  #length = 0;
  #answered: (() => void) | undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on('data', (bytes) => {
      this.#pieces.push(bytes);
      this.#length += bytes.length;
      // The frame's end: two digits behind the last #. A piece that is cut inside of those two waits for the next.
      const last = this.#pieces.length > 1 && bytes.length < 3 ? Buffer.concat(this.#pieces) : bytes;
      if (last[last.length - 3] === HASH) this.#answered?.();
    });
  }

  /** Connects without acknowledgements. */
  static async connect(port: number): Promise<RspClient> {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    const client = new RspClient(socket);
    // What gdb says first; gdbserver answers nothing else before.
    for (const packet of ['qSupported:swbreak+;hwbreak+', 'QStartNoAckMode', '?', 'Hg0', 'Hc0']) {
      await client.ask(packet);
      socket.write('+');
    }
    return client;
  }

  /** The payload that answers a packet. */
  async ask(payload: string): Promise<string> {
    await this.times(framed(payload), 1);
    const text = Buffer.concat(this.#pieces).toString('latin1');
    const packed = text.slice(text.indexOf('$') + 1, -3);
    // Run lengths: a character, an asterisk, and how often it comes again, as a character from 29 on.
    return packed.replaceAll(/(.)\*(.)/g, (_run, again: string, n: string) => again.repeat(n.charCodeAt(0) - 28));
  }

  /** Sends packets by turns, each once the one before is answered. */
  async rounds(payloads: readonly string[], count: number): Promise<void> {
    const packets = payloads.map(framed);
    for (let i = 0; i < count; i += packets.length) for (const packet of packets) await this.times(packet, 1);
  }

  /** Sends one packet again and again. */
  async times(packet: Buffer, count: number): Promise<void> {
    const timer = setTimeout(() => this.#socket.destroy(new Error(`no answer to ${packet}`)), PATIENCE);
    for (let i = 0; i < count; i++) {
      this.#pieces = [];
      this.#length = 0;
      await new Promise<void>((resolve) => {
        this.#answered = resolve;
        this.#socket.write(packet);
      });
    }
    clearTimeout(timer);
  }

  close(): void {
    this.#socket.destroy();
  }
}
