import { composeKernel, type HwBreakpointAttr, type Kernel, KernelError } from '@hwbp/core';
import type { LackeyReplay } from '@hwbp/lackey';
import type { TracePlayer } from '../replay/play.js';
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
    const place = ({ kernel }: Counter): boolean => {
      try {
        kernel.breakpoints.registerWide({ ...attr, sample_period: 1, pinned: true }, () => count++);
        return true;
      } catch (error) {
        if (error instanceof KernelError) return false;
        throw error;
      }
    };
    if (this.#counters.some(place)) return () => count;
    const counter = this.#compose();
    if (place(counter)) {
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
