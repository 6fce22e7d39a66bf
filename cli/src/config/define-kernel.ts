import type { Kernel, KernelOptions, RunResult } from '@hwbp/core';

/** A kernel as a file describes it: what it is composed of, and what happens in it. */
export interface KernelConfig {
  /** What `composeKernel` takes. `hwbp debug` adds kgdb to the consumers. */
  readonly kernel: KernelOptions;
  /** Called once with the composed kernel, before anything executes: spawn tasks, set watches. */
  readonly setup?: (kernel: Kernel) => void | Promise<void>;
  /** Called at the end, before the kernel is disposed; what it returns is printed. `result`: how the latest run ended. */
  readonly report?: (kernel: Kernel, result: RunResult | undefined) => string | undefined;
  /** Instructions that `hwbp run` executes. Default: until nothing can run any more. */
  readonly budget?: number;
  /** What threads are to a debugger. Default `cpus`. */
  readonly threads?: 'cpus' | 'tasks';
}

/** Gives a config its type: `export default defineKernel({ kernel: { arch: x86() }, ... })`. */
export function defineKernel(config: KernelConfig): KernelConfig {
  return config;
}
