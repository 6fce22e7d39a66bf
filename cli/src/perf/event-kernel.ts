import { composeKernel, instructionsPmu, type Kernel, type Plugin, perfEvents, type SymbolTable } from '@hwbp/core';
import type { LackeyOptions, LackeyReplay } from '@hwbp/lackey';
import { Perf } from '@hwbp/perf';
import type { KnownArchitecture } from '../architecture/architecture.js';
import type { TracePlayer } from '../replay/play-traces.js';
import { type TraceTask, TraceTasks } from '../replay/trace-tasks.js';

/** Instructions that a CPU executes before the next one has its turn: well below a tick, which comes between turns. */
const QUANTUM = 1000;

/** What is replayed on what. */
export interface EventKernelOptions {
  readonly arch: KnownArchitecture;
  readonly cpus: number;
  /** A name for the tasks of each trace. */
  readonly comms: readonly string[];
  /** Tasks that replay each trace. */
  readonly copies: number;
  readonly symbols: SymbolTable;
  readonly slotPolicy: Plugin;
  readonly strict: boolean;
  /** What the program's text says of repeated instructions. */
  readonly repeats: LackeyOptions['repeats'];
  /** What the kernel is composed of besides. */
  readonly plugins?: readonly Plugin[];
}

/** A kernel with perf events, and tasks that replay traces. */
export class EventKernel implements TracePlayer, Disposable {
  readonly kernel: Kernel;
  readonly perf: Perf;
  readonly #tasks: TraceTasks;
  readonly #slice: number;
  readonly #after: () => void;

  /** `after` is called every `slice` instructions. */
  constructor(options: EventKernelOptions, slice = Number.POSITIVE_INFINITY, after = (): void => {}) {
    const { arch, cpus, symbols, slotPolicy, comms, copies, strict, repeats } = options;
    this.kernel = composeKernel({
      arch: arch.create(),
      cpus,
      symbols,
      slotPolicy,
      breakpointScheduler: perfEvents({ pmus: [instructionsPmu] }),
      plugins: [Perf, ...(options.plugins ?? [])],
      quantum: QUANTUM,
      handlerErrors: 'stop',
    });
    this.perf = this.kernel.get(Perf);
    this.#tasks = new TraceTasks(this.kernel, { comms, copies, strict, repeats });
    this.#slice = slice;
    this.#after = after;
  }

  get tasks(): readonly TraceTask[] {
    return this.#tasks.tasks;
  }

  /** Nanoseconds on the clock of the CPU that has come furthest. */
  get now(): number {
    return Math.max(...this.kernel.machine.cpus.map(({ clock }) => clock.now));
  }

  feed(trace: number, block: Uint8Array): void {
    this.#tasks.feed(trace, block);
  }

  end(trace: number): void {
    this.#tasks.end(trace);
  }

  run(): void {
    this.#tasks.run(this.#slice, this.#after);
  }

  replayOf(trace: number): LackeyReplay {
    return this.#tasks.replayOf(trace);
  }

  [Symbol.dispose](): void {
    this.kernel.dispose();
  }
}
