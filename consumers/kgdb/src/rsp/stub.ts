import { KernelError } from '@hwbp/core';
import { kgdbError } from '../errors.js';
import type { ResumePlan, Stop, TargetPort } from '../target/port.js';
import { hexByte } from './hex.js';
import { PACKET_SIZE } from './limits.js';
import type { Outcome } from './outcome.js';
import { Packet } from './packet.js';
import { PacketReader } from './packet-reader.js';
import { PACKETS } from './packets/index.js';
import { ReplyWriter } from './reply-writer.js';
import { writeStop } from './stop-reply.js';

const ACK = Uint8Array.of(0x2b);
const NAK = Uint8Array.of(0x2d);
/** Stands for an errno that does not fit into two digits (ENOTSUPP): EOPNOTSUPP. */
const EOPNOTSUPP = 95;

/** What a stub tells the one who made it. */
export interface StubEvents {
  /** Bytes for the debugger. They are not changed any more. */
  send(bytes: Uint8Array): void;
  /** True while the other side does not read what it was sent: nothing more is answered until it has. */
  full(): boolean;
  /** The debugger lets go: `D`, `k`. Nothing is answered any more. */
  detached(): void;
  /** Something for a person at the console. */
  notice(text: string): void;
}

/**
 * The GDB remote serial protocol, as a stub speaks it, free of sockets: bytes in, bytes out. All-stop mode.
 *
 * While the target runs, only Ctrl-C is heard; packets are dropped, because a debugger that keeps to the protocol sends none.
 */
export class Stub {
  readonly target: TargetPort;
  readonly reply = new ReplyWriter();
  /** What the debugger said that it understands. */
  readonly features = new Set<string>();
  /** The thread of `Hg`: whose registers and memory are meant. 0: any. */
  generalThread = 0;
  /** The thread of `Hc`. 0: any; -1: all. */
  resumeThread = 0;
  /** Acknowledgements are off. */
  noAck = false;
  /** Why the latest refusal was one. */
  refusal: string | undefined;
  readonly #events: StubEvents;
  readonly #reader: PacketReader;
  #latest: Uint8Array | undefined;
  #unacknowledged = false;
  #running = false;
  #closed = false;
  /** A whole packet has come. */
  #heard = false;
  /** Something was sent again already for the bytes at hand: a byte that asks for it costs nothing, an answer may be long. */
  #repeated = false;

  constructor(target: TargetPort, events: StubEvents) {
    this.target = target;
    this.#events = events;
    target.execution.onStop = (stop) => this.#stopped(stop);
    this.#reader = new PacketReader({
      packet: (payload, intact) => {
        this.#heard ||= intact;
        this.#receive(payload, intact);
      },
      tooLong: () => this.#refuseLength(),
      acknowledged: () => {
        this.#unacknowledged = false;
      },
      rejected: () => this.#repeat(),
      interrupt: () => {
        if (this.#running) target.execution.interrupt();
      },
    });
  }

  /** True between a resumption and the stop that answers it. */
  get running(): boolean {
    return this.#running;
  }

  /** True once the debugger has let go, or {@link close} was called. */
  get closed(): boolean {
    return this.#closed;
  }

  /** True while the other side owes something: its first packet, the rest of one, or an acknowledgement. */
  get owed(): boolean {
    return !this.#heard || this.#reader.partial || (this.#unacknowledged && !this.noAck);
  }

  /**
   * Takes bytes from the debugger, cut anywhere. Returns how many were taken: fewer once the other side is full, which has to be given the
   * rest when it has read.
   */
  receive(bytes: Uint8Array): number {
    this.#repeated = false;
    if (this.#closed) return bytes.length;
    const taken = this.#reader.feed(bytes, () => this.#closed || this.#events.full());
    return this.#closed ? bytes.length : taken;
  }

  /** Nothing is heard or said any more. */
  close(): void {
    this.#closed = true;
    this.#running = false;
  }

  // --- for handlers ---

  /** The thread that a packet about registers or memory means. Refuses if it is gone. */
  subject(): number {
    const { threads, execution } = this.target;
    const { stop } = execution;
    if (stop.kind !== 'stopped') {
      throw kgdbError('KGDB_ENDED', 'the program has ended; there is nothing to look at');
    }
    if (this.generalThread <= 0) return stop.thread;
    if (threads.exists(this.generalThread)) return this.generalThread;
    throw kgdbError('KGDB_NO_THREAD', `thread ${this.generalThread} is gone; select another one`);
  }

  /** Resumes the target; its stop is the answer. */
  resume(plan: ResumePlan): Outcome {
    if (this.target.execution.stop.kind !== 'stopped') {
      throw kgdbError('KGDB_ENDED', 'the program has ended; nothing can be resumed');
    }
    this.target.execution.resume(plan);
    this.#running = true;
    return 'silent';
  }

  /** The debugger lets go. */
  detach(): void {
    this.close();
    this.#events.detached();
  }

  /** Sends a packet of its own before the answer, such as console output. */
  sendReply(): void {
    this.#latest = this.reply.finish();
    this.#unacknowledged = true;
    this.#events.send(this.#latest);
  }

  // --- private ---

  #repeat(): void {
    if (this.#latest === undefined || this.noAck || this.#repeated) return;
    this.#repeated = true;
    this.#events.send(this.#latest);
  }

  #receive(payload: Uint8Array, intact: boolean): void {
    if (this.#running) return;
    if (!this.noAck) {
      this.#events.send(intact ? ACK : NAK);
      if (!intact) return;
    }
    this.#answer(new Packet(payload));
  }

  #answer(packet: Packet): void {
    const { reply } = this;
    reply.clear();
    let outcome: Outcome;
    try {
      outcome = PACKETS.get(packet.name)?.(packet, this) ?? 'unsupported';
    } catch (error) {
      if (!(error instanceof KernelError)) throw error;
      this.#refuse(error);
      return;
    }
    if (outcome === 'silent') return;
    if (outcome === 'ok') reply.text('OK');
    else if (outcome === 'unsupported') reply.clear();
    this.sendReply();
  }

  #refuse(error: KernelError): void {
    this.refusal = error.message;
    this.#events.notice(`refused: ${error.message}`);
    this.reply.clear();
    this.reply.text(`E${hexByte(error.errnum > 0xff ? EOPNOTSUPP : error.errnum)}`);
    this.sendReply();
  }

  #refuseLength(): void {
    if (this.#running) return;
    if (!this.noAck) this.#events.send(ACK);
    this.#refuse(kgdbError('KGDB_TOO_LONG', `a packet of more than ${PACKET_SIZE} bytes; cut it into smaller ones`));
  }

  #stopped(stop: Stop): void {
    if (!this.#running) return;
    this.#running = false;
    this.reply.clear();
    writeStop(this, stop);
    this.sendReply();
  }
}
