import { composeKernel, type HwBreakpointAttr, type Kernel, KernelError } from '@hwbp/core';
import type { LackeyReplay } from '@hwbp/lackey';
import type { TracePlayer } from '../replay/play-traces.js';
import { TraceTasks } from '../replay/trace-tasks.js';
import type { EventKernelOptions } from './event-kernel.js';

interface Counter {
  readonly kernel: Kernel;
  readonly tasks: TraceTasks;
}

/**
 * Counts every hit of any number of watches, beside a kernel that has too few registers for them: as many more kernels
 * as they need replay the same traces, each with registers of its own.
 */
export class ExactCounts implements TracePlayer, Disposable {
  readonly #options: EventKernelOptions;
  readonly #counters: Counter[] = [];
  /** Of each type of breakpoint the first counter that may have a register: those before it have none. */
  readonly #free = new Map<number, number>();

  constructor(options: EventKernelOptions) {
    this.#options = options;
  }

  /** Kernels that count. */
  get kernels(): number {
    return this.#counters.length;
  }

  /** Counts a watch; returns what says how often it was hit. `undefined`: no kernel can watch this. */
  add(attr: HwBreakpointAttr): (() => number) | undefined {
    let count = 0;
    const first = this.#free.get(attr.bp_type) ?? 0;
    const place = ({ kernel }: Counter, number: number): boolean => {
      try {
        kernel.breakpoints.registerWide({ ...attr, sample_period: 1, pinned: true }, () => count++);
        return true;
      } catch (error) {
        if (!(error instanceof KernelError)) throw error;
        if (error.code === 'HWBP_NO_SLOT' && number === this.#free.get(attr.bp_type))
          this.#free.set(attr.bp_type, number + 1);
        return false;
      }
    };
    this.#free.set(attr.bp_type, first);
    for (let i = first; i < this.#counters.length; i++) if (place(this.#counters[i] as Counter, i)) return () => count;
    const counter = this.#compose();
    if (place(counter, this.#counters.length)) {
      this.#counters.push(counter);
      return () => count;
    }
    counter.kernel.dispose();
    return undefined;
  }

  feed(trace: number, block: Uint8Array): void {
    for (const { tasks } of this.#counters) tasks.feed(trace, block);
  }

  end(trace: number): void {
    for (const { tasks } of this.#counters) tasks.end(trace);
  }

  run(): void {
    for (const { tasks } of this.#counters) tasks.run();
  }

  replayOf(trace: number): LackeyReplay {
    return (this.#counters[0] as Counter).tasks.replayOf(trace);
  }

  [Symbol.dispose](): void {
    for (const { kernel } of this.#counters) kernel.dispose();
  }

  #compose(): Counter {
    const { arch, cpus, comms, copies, strict, repeats } = this.#options;
    const kernel = composeKernel({ arch: arch.create(), cpus, quantum: 10_000, handlerErrors: 'stop' });
    return { kernel, tasks: new TraceTasks(kernel, { comms, copies, strict, repeats }) };
  }
}
