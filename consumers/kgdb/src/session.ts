import type { DebugTarget, Progress } from './rsp/debug-target.js';
import { Stub } from './rsp/stub.js';

/** How a debugger is attached. */
export interface SessionOptions {
  /** Bytes for the debugger; they are not changed any more. */
  readonly send: (bytes: Uint8Array) => void;
  /** True while the debugger does not read what it was sent. Default: it always does. */
  readonly full?: () => boolean;
  /** For people: why a request was refused, what the kernel says. */
  readonly notice?: (text: string) => void;
  /**
   * `cpus` (default): threads are CPUs, and breakpoints are on every CPU, as kgdb's are. `tasks`: threads are tasks,
   * and breakpoints follow them.
   */
  readonly threads?: 'cpus' | 'tasks';
  /**
   * False: the programs make no system calls and no processes, as a trace does not; a debugger is told that there is
   * nothing to catch. Default true.
   */
  readonly systemCalls?: boolean;
  /** Addresses at run time minus the linker's, of a position-independent program. */
  readonly bias?: bigint;
  /** The program's auxiliary vector, by type (`AT_ENTRY` is 9): debuggers find out with it where it was loaded. */
  readonly auxv?: ReadonlyMap<number, bigint>;
}

/**
 * A debugger that is attached: bytes in, bytes out. What it debugs is stopped from the beginning: of a kernel, the
 * world.
 */
export class KgdbSession {
  readonly #stub: Stub;
  readonly #target: DebugTarget;
  readonly #ended: () => void;
  #open = true;

  /** Use `kgdb.attach`; or give a target of your own. `ended`: told once the debugger has gone. */
  constructor(target: DebugTarget, options: SessionOptions, ended: () => void = () => {}) {
    const { send, notice = () => {}, full = () => false } = options;
    this.#ended = ended;
    this.#target = target;
    this.#stub = new Stub(target, { send, full, notice, detached: () => this.close() });
    target.attach();
  }

  /** True until the debugger has let go or {@link close} was called. */
  get open(): boolean {
    return this.#open;
  }

  /** True while the debugger lets the machine run and waits for a stop. */
  get running(): boolean {
    return this.#stub.running;
  }

  /**
   * True while the debugger owes something: the rest of a packet, or an acknowledgement. One that is dead owes for
   * ever.
   */
  get owed(): boolean {
    return this.#stub.owed;
  }

  /**
   * What it owes, by number: another one once that is paid, whatever else it may have sent; `undefined` while it owes
   * nothing.
   */
  get debt(): number | undefined {
    return this.owed ? this.#stub.paid : undefined;
  }

  /** True once the program has ended. */
  get ended(): boolean {
    return this.#target.ended;
  }

  /**
   * Takes bytes from the debugger, cut anywhere. Returns how many were taken: fewer once {@link SessionOptions.full};
   * the rest is for later. An error that it throws is a bug here: close the session.
   */
  receive(bytes: Uint8Array): number {
    return this.#stub.receive(bytes);
  }

  /** Lets the machine execute about `budget` instructions, if the debugger lets it run. */
  run(budget: number): Progress {
    if (!this.#open) return 'stopped';
    const progress = this.#target.run(budget);
    this.#stub.flush();
    return progress;
  }

  /** What the kernel has written to its console: the debugger shows it, if it waits for a stop. */
  print(bytes: Uint8Array): void {
    if (this.#open) this.#stub.print(bytes);
  }

  /** The debugger is gone: everything that it took is given back, and the machine may go on. */
  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#stub.close();
    this.#target.release();
    this.#ended();
  }
}
