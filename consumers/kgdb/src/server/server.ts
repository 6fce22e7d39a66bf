import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { KernelError } from '@hwbp/core';
import {
  type Debuggable,
  DebuggedTarget,
  type DebugTarget,
  type KgdbSession,
  type Progress,
  type SessionOptions,
} from '../index.js';
import { PORT_BUSY, refusal } from './busy.js';
import { Connection } from './connection.js';
import { notADebugger } from './first-byte.js';
import { Pump } from './pump.js';
import { systemTimer, type Timer } from './timer.js';

/** How something is offered to debuggers. */
export interface KgdbServerOptions
  extends Pick<SessionOptions, 'threads' | 'systemCalls' | 'bias' | 'auxv' | 'notice'> {
  /** Port; 0: any that is free. */
  readonly port: number;
  /**
   * Address to listen on. Default 127.0.0.1: whoever reaches the port controls the kernel, so nothing else without
   * being asked for.
   */
  readonly host?: string;
  /**
   * Milliseconds after which a debugger that owes something (the rest of a packet, an acknowledgement) is cut off.
   * Default 10,000.
   */
  readonly timeout?: number;
  /** What measures {@link timeout}. Default: the system's clock. */
  readonly timer?: Timer;
  /** Called when programs wait for input. True: some came. Default: none ever comes. */
  readonly feed?: () => Promise<boolean>;
  /** False: the machine runs while no debugger has ever been attached. Default true: it waits for the first. */
  readonly wait?: boolean;
}

/** Milliseconds after which a connection on which nothing happens is probed. */
const KEEP_ALIVE = 10_000;
/** The debugger that is attached, and those that are told that it is. */
const MOST_CONNECTIONS = 16;

/**
 * Drives a kernel, or whatever else can be debugged, and lets debuggers attach to it over TCP, one at a time. While
 * none is attached it runs; the first one is waited for, if {@link KgdbServerOptions.wait} says so.
 */
export class KgdbServer {
  /**
   * Resolves when the last task has ended and no debugger is attached; rejects with the error that ended the machine.
   */
  readonly ended: Promise<void>;
  readonly #debuggable: Debuggable;
  readonly #options: KgdbServerOptions;
  readonly #server: Server;
  readonly #pump: Pump;
  #session: KgdbSession | undefined;
  #connection: Connection | undefined;
  /** Those of whom nobody knows yet what they are. */
  readonly #newcomers = new Set<Connection>();
  #free: boolean;
  #settle: { resolve(): void; reject(error: unknown): void } = { resolve() {}, reject() {} };

  /** Every connection, also of those that are turned away. */
  readonly #sockets = new Set<Socket>();

  private constructor(debuggable: Debuggable, options: KgdbServerOptions) {
    this.#debuggable = debuggable;
    this.#options = options;
    this.#free = options.wait === false;
    this.ended = new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
    });
    // Whoever is not interested in the end need not look at it.
    this.ended.catch(() => {});
    this.#pump = new Pump({
      run: (budget) => this.#run(budget),
      feed: async () => (await options.feed?.()) ?? false,
      failed: (error) => this.#failed(error),
    });
    this.#server = createServer((socket) => this.#connected(socket));
    this.#server.maxConnections = MOST_CONNECTIONS;
  }

  /**
   * Begins to listen, for a kernel (`Kgdb`), hardware from outside, or a target of your own. Rejects with the system's
   * error if the port cannot be had.
   */
  static async listen(what: Debuggable | DebugTarget, options: KgdbServerOptions): Promise<KgdbServer> {
    const server = new KgdbServer('execution' in what ? new DebuggedTarget(what) : what, options);
    await new Promise<void>((resolve, reject) => {
      server.#server.once('error', reject);
      server.#server.listen(options.port, options.host ?? '127.0.0.1', resolve);
    });
    void server.#pump.start().catch((error: unknown) => server.#failed(error));
    return server;
  }

  /** Where it listens. */
  get address(): AddressInfo {
    return this.#server.address() as AddressInfo;
  }

  /** True while a debugger is attached. */
  get attached(): boolean {
    return this.#session !== undefined;
  }

  /**
   * Serves a debugger on any stream, such as a pipe. It is attached once it has sent the first byte of a debugger: who
   * only connects stops nothing. Another one that is attached already stays; this one is told so.
   */
  serve(stream: Duplex): void {
    const { timeout = 10_000, timer = systemTimer } = this.#options;
    let session: KgdbSession | undefined;
    const connection: Connection = new Connection(stream, timeout, timer, {
      // Its first packet, before as behind its first byte: that byte wins no time.
      debt: () => (session === undefined ? 0 : session.debt),
      data: (bytes) => {
        session ??= this.#admit(connection, bytes);
        return session === undefined ? bytes.length : this.#received(session, connection, bytes);
      },
      closed: () => {
        this.#newcomers.delete(connection);
        if (session !== undefined) this.#gone(session);
      },
    });
    this.#newcomers.add(connection);
  }

  /** Cuts off the debugger and stops listening; the kernel is left to its owner. */
  async close(): Promise<void> {
    this.#pump.close();
    this.#connection?.destroy();
    for (const newcomer of this.#newcomers) newcomer.destroy();
    for (const socket of this.#sockets) socket.destroy();
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
  }

  #connected(socket: Socket): void {
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    socket.setNoDelay(true);
    socket.setKeepAlive(true, KEEP_ALIVE);
    this.serve(socket);
  }

  /** Attaches who begins with these bytes; `undefined`: it was turned away. */
  #admit(connection: Connection, bytes: Uint8Array): KgdbSession | undefined {
    this.#newcomers.delete(connection);
    const { threads, systemCalls, bias, auxv, notice } = this.#options;
    const stranger = notADebugger(bytes);
    if (stranger !== undefined) {
      notice?.(stranger);
      connection.destroy();
      return undefined;
    }
    if (this.#session !== undefined) {
      notice?.('another debugger was turned away: the port is busy');
      connection.dismiss(refusal(PORT_BUSY));
      return undefined;
    }
    try {
      this.#session = this.#debuggable.attach({
        send: (answer) => connection.send(answer),
        full: () => connection.full,
        ...(notice === undefined ? {} : { notice }),
        ...(threads === undefined ? {} : { threads }),
        ...(systemCalls === undefined ? {} : { systemCalls }),
        ...(bias === undefined ? {} : { bias }),
        ...(auxv === undefined ? {} : { auxv }),
      });
    } catch (error) {
      // Somebody else has the kernel: a debugger in this process, or one of another kind; or it has ended.
      if (!(error instanceof KernelError)) throw error;
      notice?.(`a debugger was turned away: ${error.message}`);
      connection.dismiss(refusal(error.message));
      return undefined;
    }
    this.#connection = connection;
    notice?.('a debugger is attached');
    return this.#session;
  }

  #received(session: KgdbSession, connection: Connection, bytes: Uint8Array): number {
    let taken = bytes.length;
    try {
      taken = session.receive(bytes);
    } catch (error) {
      // A bug: the debugger is cut off, and the kernel goes on.
      this.#options.notice?.(`a bug in kgdb: ${error instanceof Error ? error.stack : String(error)}`);
      connection.destroy();
      return taken;
    }
    if (!session.open) connection.close();
    else if (session.running) {
      this.#pump.slice();
      if (session.running) this.#pump.wake();
    }
    return taken;
  }

  #gone(session: KgdbSession): void {
    session.close();
    this.#session = undefined;
    this.#connection = undefined;
    this.#free = true;
    this.#options.notice?.('the debugger has gone');
    this.#pump.wake();
  }

  #run(budget: number): Progress {
    if (this.#session !== undefined) return this.#session.running ? this.#session.run(budget) : 'stopped';
    if (!this.#free) return 'waiting';
    const { reason, message, detail } = this.#debuggable.run(budget);
    if (reason === 'starved') return 'starved';
    if (reason === 'held') return 'waiting';
    if (reason === 'stopped') {
      // What ends a kernel ends its server, too; what only stops it is said.
      if (detail instanceof Error) throw detail;
      this.#options.notice?.(`the kernel stopped: ${message ?? 'nobody said why'}`);
    }
    if (reason !== 'idle') return 'budget';
    if (this.#debuggable.over) this.#settle.resolve();
    return 'waiting';
  }

  #failed(error: unknown): void {
    this.#pump.close();
    this.#connection?.destroy();
    this.#settle.reject(error);
  }
}
