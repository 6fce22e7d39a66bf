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

/** What somebody who runs a config has asked for. */
export interface KernelRequest {
  /** Words of the command line that are the config's own: those behind `--` of `hwbp run CONFIG -- ARGS`. */
  readonly args: readonly string[];
}

/** A config that depends on what is asked for. It is called once for each kernel. */
export type KernelConfigFunction = (request: KernelRequest) => KernelConfig | Promise<KernelConfig>;

/**
 * Gives a config its type: `export default defineKernel({ kernel: { arch: x86() }, ... })`, or one that depends on
 * arguments: `export default defineKernel(({ args }) => ({ kernel: { arch: x86(), cpus: Number(args[0] ?? 1) } }))`.
 */
export function defineKernel(config: KernelConfig): KernelConfig;
export function defineKernel(config: KernelConfigFunction): KernelConfigFunction;
export function defineKernel(config: KernelConfig | KernelConfigFunction): KernelConfig | KernelConfigFunction {
  return config;
}
