import { composeKernel, type Kernel, LackeyReplay, type SymbolTable, type Task } from '@hwbp/core';
import { KsymTracer } from '@hwbp/ftrace';
import { runError } from '../errors.js';
import type { KnownArchitecture } from './architectures.js';
import { type ReplayHit, replayHit } from './hit.js';
import { placeWatches } from './place-watches.js';
import { type RegisterContent, registerContents } from './registers.js';
import { SiteSummary } from './site-summary.js';
import type { Watch } from './watch.js';

/**
 * Instructions that a CPU executes before the next one has its turn. Longer than the machine's default: a trace is read fastest
 * in long stretches.
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
  readonly onHit: (hit: ReplayHit) => void;
}

/** A kernel with tasks that replay a trace, and watches. */
export class ReplaySession implements Disposable {
  readonly kernel: Kernel;
  readonly tasks: readonly { readonly task: Task; readonly replay: LackeyReplay; readonly cpu: number }[];
  readonly summary: SiteSummary;
  /** What is in the debug registers, the whole time. */
  readonly registers: readonly RegisterContent[];

  /** Throws a usage error for a watch that the kernel refuses. */
  constructor(options: SessionOptions) {
    const { arch, cpus, symbols, watches, onHit } = options;
    this.kernel = composeKernel({
      arch: arch.create(),
      cpus,
      symbols,
      consumers: [KsymTracer],
      quantum: QUANTUM,
      // Who touched a variable is asked, not what Linux gets wrong about it.
      strict: true,
      handlerErrors: 'stop',
    });
    this.summary = new SiteSummary(watches);
    const steps = new Map<number, LackeyReplay>();
    const owners = placeWatches(this.kernel, watches, (watch, hit) => {
      const kept = replayHit(watch, steps.get(hit.task.pid)?.steps ?? 0, hit);
      this.summary.add(kept);
      onHit(kept);
    });
    this.registers = registerContents(this.kernel, arch, owners);
    this.tasks = Array.from({ length: options.tasks }, (_, k) => {
      const replay = new LackeyReplay({ strict: options.strict });
      const cpu = k % cpus;
      const task = this.kernel.machine.spawn(replay, { comm: options.comm, affinity: [cpu] });
      steps.set(task.pid, replay);
      return { task, replay, cpu };
    });
  }

  /** The first task's replay; all count the same lines. */
  get replay(): LackeyReplay {
    return (this.tasks[0] as (typeof this.tasks)[number]).replay;
  }

  /** Lets every task execute a block of the trace. The block may be reused afterwards. */
  feed(block: Uint8Array): void {
    for (const { replay } of this.tasks) replay.feed(block);
    this.#run();
  }

  /** The trace is over: the tasks execute their last instruction and exit. */
  end(): void {
    for (const { replay } of this.tasks) replay.end();
    this.#run();
  }

  [Symbol.dispose](): void {
    this.kernel.dispose();
  }

  #run(): void {
    const { machine } = this.kernel;
    for (const { task } of this.tasks) machine.wake(task);
    const { reason, message, detail } = machine.run();
    if (reason === 'idle' || reason === 'starved') return;
    if (detail instanceof Error) throw detail;
    throw runError(`the kernel stopped (${reason}): ${message ?? 'without a reason'}`);
  }
}
