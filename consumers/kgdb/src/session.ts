import { Monitor } from './monitor/monitor.js';
import { Stub } from './rsp/stub.js';
import { Control, type Progress } from './target/control.js';
import { CpuClaims } from './target/cpu-claims.js';
import { CpuThreads } from './target/cpu-threads.js';
import { Memory } from './target/memory.js';
import type { TargetParts } from './target/parts.js';
import { Points } from './target/points.js';
import { Registers } from './target/registers.js';
import { TaskClaims } from './target/task-claims.js';
import { TaskThreads } from './target/task-threads.js';

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
  /** Addresses at run time minus the linker's, of a position-independent program. */
  readonly bias?: bigint;
}

/** A debugger that is attached to a kernel: bytes in, bytes out. The world is stopped from the beginning. */
export class KgdbSession {
  readonly #stub: Stub;
  readonly #control: Control;
  readonly #points: Points;
  readonly #ended: () => void;
  #open = true;

  /** Use `kgdb.attach`. */
  constructor(parts: TargetParts, options: SessionOptions, ended: () => void) {
    const { send, notice = () => {}, full = () => false, threads: kind = 'cpus', bias } = options;
    this.#ended = ended;
    const threads = kind === 'cpus' ? new CpuThreads(parts.machine) : new TaskThreads(parts.machine);
    const claims = kind === 'cpus' ? new CpuClaims(parts, notice) : new TaskClaims(parts, notice);
    const changed = (cause: string): void => parts.machine.depart(cause);
    const leaving = (): void => this.#points.settle();
    const isPoint = (address: bigint): boolean => this.#points.has(address);
    this.#control = new Control(parts, threads, { notice, leaving, isPoint, ...(bias === undefined ? {} : { bias }) });
    this.#points = new Points(parts, claims, (hit, reason) => this.#control.hit(hit, reason));
    const target = {
      threads,
      registers: new Registers(parts.description, threads, changed),
      memory: new Memory(threads, changed),
      execution: this.#control,
      points: this.#points,
      monitor: new Monitor(parts),
    };
    this.#stub = new Stub(target, { send, full, notice, detached: () => this.close() });
    try {
      this.#control.attach();
    } catch (error) {
      // Somebody else has stopped the world: nothing of theirs is touched.
      this.#control.unhook();
      this.#points.dispose();
      throw error;
    }
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

  /** True once the program has ended. */
  get ended(): boolean {
    return this.#control.inside && this.#control.stop.kind !== 'stopped';
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
    return this.#open ? this.#control.run(budget) : 'stopped';
  }

  /** The debugger is gone: everything that it took is given back, and the machine may go on. */
  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#stub.close();
    this.#points.clear();
    this.#control.release();
    this.#points.dispose();
    this.#ended();
  }
}
