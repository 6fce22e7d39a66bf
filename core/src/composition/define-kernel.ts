import type { RunResult } from '../kernel/index.js';
import type { Kernel } from './kernel.js';
import type { KernelOptions } from './kernel-options.js';

/** A kernel as a file describes it: what it is composed of, and what happens in it. */
export interface KernelConfig {
  /** What `composeKernel` takes. A program that runs the config may add plugins: `hwbp debug` adds kgdb. */
  readonly kernel: KernelOptions;
  /** Called once with the composed kernel, before anything executes: spawn tasks, set watches. */
  readonly setup?: (kernel: Kernel) => void | Promise<void>;
  /** Called before the kernel is disposed; what it returns is printed. `result`: how the latest run ended. */
  readonly report?: (kernel: Kernel, result: RunResult | undefined) => string | undefined;
  /** Instructions to execute. Default: until nothing can run any more. */
  readonly budget?: number;
  /** What threads are to a debugger. Default `cpus`. */
  readonly threads?: 'cpus' | 'tasks';
}

/** Gives a config its type: `export default defineKernel({ kernel: { arch: x86() }, ... })`. */
export function defineKernel(config: KernelConfig): KernelConfig {
  return config;
}
