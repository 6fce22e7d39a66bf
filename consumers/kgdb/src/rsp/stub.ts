import { KernelError } from '@hwbp/core';
import { kgdbError } from '../errors.js';
import { hexByte } from './hex.js';
import { PACKET_SIZE } from './limits.js';
import { Outbox } from './outbox.js';
import type { Outcome } from './outcome.js';
import { Packet } from './packet.js';
import { PacketReader } from './packet-reader.js';
import { sendText, textOf } from './packets/console-text.js';
import { PACKETS, type PacketNeeds } from './packets/index.js';
import { LatestDocument } from './packets/transfer.js';
import { writeStop } from './stop-reply.js';
import type { ResumePlan, Stop, TargetPort } from './target-port.js';
import { ThreadNames } from './thread-id.js';
import { ThreadSelection } from './thread-selection.js';

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
 * While the target runs, only Ctrl-C is heard; packets are dropped, because a debugger that keeps to the protocol sends
 * none.
 */
export class Stub {
  readonly #events: StubEvents;
  readonly #reader: PacketReader;
  readonly #outbox: Outbox;
  readonly #needs: PacketNeeds;
  readonly #console: number[] = [];
  #running = false;
  #closed = false;
  /** A whole packet has come. */
  #heard = false;
  #paid = 0;
  /** Why the latest refusal was one; of what the target has not, why it has not. */
  #refusal: string | undefined;
  readonly #pause = (): boolean => this.#closed || this.#events.full();

  constructor(target: TargetPort, events: StubEvents) {
    this.#events = events;
    this.#outbox = new Outbox(events);
    this.#needs = this.#needsOf(target);
    target.execution.onStop = (stop) => this.#stopped(stop);
    this.#reader = new PacketReader({
      packet: (payload, intact) => {
        this.#heard ||= intact;
        if (intact) this.#paid++;
        this.#receive(payload, intact);
      },
      tooLong: () => this.#refuseLength(),
      acknowledged: () => {
        if (this.#outbox.owed) this.#paid++;
        this.#outbox.acknowledged();
      },
      rejected: () => this.#outbox.repeat(),
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
    return !this.#heard || this.#reader.partial || this.#outbox.owed;
  }

  /** What the other side owed and has paid: whole packets, and acknowledgements that were waited for. */
  get paid(): number {
    return this.#paid;
  }

  /**
   * Takes bytes from the debugger, cut anywhere. Returns how many were taken: fewer once the other side is full, which
   * has to be given the rest when it has read.
   */
  receive(bytes: Uint8Array): number {
    this.#outbox.heard();
    if (this.#closed) return bytes.length;
    const taken = this.#reader.feed(bytes, this.#pause);
    return this.#closed ? bytes.length : taken;
  }

  /**
   * What the kernel has written to its console, for the debugger's: it comes with {@link flush}. While the target
   * stands, or the other side does not read, it is lost.
   */
  print(bytes: Uint8Array): void {
    if (this.#running && !this.#events.full()) this.#console.push(...bytes);
  }

  /** Sends what was printed: `O` packets, which come only while the target runs. */
  flush(): void {
    if (this.#console.length === 0) return;
    const bytes = Uint8Array.from(this.#console.splice(0));
    if (this.#running) sendText(this.#outbox.reply, this.#outbox, textOf(bytes));
  }

  /** Nothing is heard or said any more. */
  close(): void {
    this.#closed = true;
    this.#running = false;
  }

  // --- private ---

  /** The target's ports, what the debugger has set, and what a packet may do to the session; made once. */
  #needsOf(target: TargetPort): PacketNeeds {
    const { threads, registers, memory, execution, points, monitor, signals, auxv, processes, systemCalls } = target;
    const features = new Set<string>();
    const names = new ThreadNames(threads, processes, features);
    return {
      threads,
      registers,
      memory,
      execution,
      points,
      monitor,
      signals,
      auxv,
      processes,
      systemCalls,
      names,
      reply: this.#outbox.reply,
      outbox: this.#outbox,
      selection: new ThreadSelection(threads, execution, names),
      features,
      latest: new LatestDocument(),
      refusal: () => this.#refusal,
      resume: (plan) => this.#resume(execution, plan),
      detach: () => {
        this.close();
        this.#events.detached();
      },
    };
  }

  #resume(execution: TargetPort['execution'], plan: ResumePlan): void {
    if (execution.stop.kind !== 'stopped') {
      throw kgdbError('KGDB_ENDED', 'the program has ended; nothing can be resumed');
    }
    execution.resume(plan);
    this.#running = true;
  }

  #receive(payload: Uint8Array, intact: boolean): void {
    if (this.#running || !this.#outbox.acknowledge(intact)) return;
    this.#answer(new Packet(payload));
  }

  #answer(packet: Packet): void {
    const { reply } = this.#outbox;
    reply.clear();
    // Whatever else is done in between may change what there is to read.
    if (packet.name !== 'qXfer') this.#needs.latest.clear();
    let outcome: Outcome;
    try {
      outcome = PACKETS.get(packet.name)?.(packet, this.#needs) ?? 'unsupported';
    } catch (error) {
      if (!(error instanceof KernelError)) throw error;
      this.#refuse(error);
      return;
    }
    if (outcome === 'silent') return;
    if (outcome === 'ok') reply.text('OK');
    else if (outcome !== 'written') reply.clear();
    // No refusal to the debugger, which may have another way. If it has none, this is why.
    if (typeof outcome === 'object') this.#refusal = outcome.unsupported;
    this.#outbox.send();
  }

  #refuse(error: KernelError): void {
    this.#refusal = error.message;
    this.#events.notice(`refused: ${error.message}`);
    const { reply } = this.#outbox;
    reply.clear();
    reply.text(`E${hexByte(error.errnum > 0xff ? EOPNOTSUPP : error.errnum)}`);
    this.#outbox.send();
  }

  #refuseLength(): void {
    if (this.#running) return;
    this.#outbox.acknowledge(true);
    this.#refuse(kgdbError('KGDB_TOO_LONG', `a packet of more than ${PACKET_SIZE} bytes; cut it into smaller ones`));
  }

  #stopped(stop: Stop): void {
    if (!this.#running) return;
    this.flush();
    this.#running = false;
    this.#outbox.reply.clear();
    writeStop(this.#needs, stop);
    this.#outbox.send();
  }
}
