import { composeKernel, type Kernel, type Plugin, type SymbolTable } from '@hwbp/core';
import { KsymTracer } from '@hwbp/ftrace';
import type { LackeyOptions, LackeyReplay } from '@hwbp/lackey';
import type { KnownArchitecture } from '../architecture/architecture.js';
import { type ReplayHit, replayHit } from './hit.js';
import { placeWatches } from './place-watches.js';
import type { TracePlayer } from './play-traces.js';
import { type RegisterContent, registerContents } from './registers.js';
import { SiteSummary } from './site-summary.js';
import { type TraceTask, TraceTasks } from './trace-tasks.js';
import type { Watch } from './watch.js';

/**
 * Instructions that a CPU executes before the next one has its turn. Longer than the machine's default: a trace is read
 * fastest in long stretches.
 */
const QUANTUM = 10_000;

/** What is replayed on what. */
export interface SessionOptions {
  readonly arch: KnownArchitecture;
  readonly cpus: number;
  readonly tasks: number;
  /** Name of the tasks; cut to 15 characters, as Linux does. */
  readonly comm: string;
  readonly symbols: SymbolTable;
  readonly watches: readonly Watch[];
  readonly strict: boolean;
  /** What the program's text says of repeated instructions. */
  readonly repeats: LackeyOptions['repeats'];
  /** The program's last instruction in a trace. */
  readonly callerOf: (replay: LackeyReplay) => bigint | undefined;
  readonly onHit: (hit: ReplayHit) => void;
  /** What the kernel is composed of besides. */
  readonly plugins?: readonly Plugin[];
}

/** A kernel with tasks that replay a trace, and watches. */
export class ReplaySession implements TracePlayer, Disposable {
  readonly kernel: Kernel;
  readonly watches: readonly Watch[];
  readonly summary: SiteSummary;
  /** What is in the debug registers, the whole time. */
  readonly registers: readonly RegisterContent[];
  readonly #tasks: TraceTasks;

  /** Throws a usage error for a watch that the kernel refuses. */
  constructor(options: SessionOptions) {
    const { arch, cpus, symbols, watches, callerOf, onHit } = options;
    this.kernel = composeKernel({
      arch: arch.create(),
      cpus,
      symbols,
      plugins: [KsymTracer, ...(options.plugins ?? [])],
      quantum: QUANTUM,
      // Who touched a variable is asked, not what Linux gets wrong about it.
      strict: true,
      handlerErrors: 'stop',
    });
    this.watches = watches;
    this.summary = new SiteSummary(watches);
    const steps = new Map<number, LackeyReplay>();
    const owners = placeWatches(this.kernel, watches, (watch, hit) => {
      const { task } = hit;
      // Nothing but its tasks accesses anything in this kernel.
      if (task === undefined) return;
      const replay = steps.get(task.pid);
      const caller = replay === undefined || symbols.resolve(hit.pc) !== undefined ? undefined : callerOf(replay);
      const kept = replayHit(watch, replay?.steps ?? 0, task, hit, caller);
      this.summary.add(kept);
      onHit(kept);
    });
    this.registers = registerContents(this.kernel, owners);
    const { comm, strict, tasks, repeats } = options;
    this.#tasks = new TraceTasks(this.kernel, { comms: [comm], copies: tasks, strict, repeats });
    for (const { task, replay } of this.tasks) steps.set(task.pid, replay);
  }

  get tasks(): readonly TraceTask[] {
    return this.#tasks.tasks;
  }

  /** The first task's replay; all count the same lines. */
  get replay(): LackeyReplay {
    return this.replayOf(0);
  }

  replayOf(trace: number): LackeyReplay {
    return this.#tasks.replayOf(trace);
  }

  feed(trace: number, block: Uint8Array): void {
    this.#tasks.feed(trace, block);
  }

  end(trace: number): void {
    this.#tasks.end(trace);
  }

  run(): void {
    this.#tasks.run();
  }

  [Symbol.dispose](): void {
    this.kernel.dispose();
  }
}
