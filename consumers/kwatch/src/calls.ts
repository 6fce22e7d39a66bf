import { type Hit, KernelError, type Task } from '@hwbp/core';
import { kwatchError } from './errors.js';
import type { Watch } from './watch.js';
import type { WatchRequest } from './watch-request.js';

/** A watch as the calls take it: the caller's own structure, which tells watches apart. */
export interface HwBreakpoint extends Omit<WatchRequest, 'attitude' | 'triggered' | 'installed' | 'uninstalled'> {
  readonly priority: number;
  readonly triggered: (bp: HwBreakpoint, hit: Hit) => void;
  readonly installed?: (bp: HwBreakpoint) => void;
  readonly uninstalled?: (bp: HwBreakpoint) => void;
}

/** Whoever registers watches as objects; declared here, implemented by `Kwatch`. */
export interface WatchRegistry {
  registerKernel(request: WatchRequest): Watch;
  registerUser(task: Task, request: WatchRequest): Watch;
  unregister(watch: Watch | undefined): void;
}

/**
 * The calls of the patches of 2007 (names from memory of the lists): above 0 a watch is registered and installed, 0 it
 * is registered and waits, below 0 it is not registered, and the number is the errno. Misuse is a TypeError.
 */
export class KwatchCalls {
  readonly #registry: WatchRegistry;
  readonly #watches = new WeakMap<HwBreakpoint, Watch>();

  constructor(registry: WatchRegistry) {
    this.#registry = registry;
  }

  /** On every CPU. */
  register_kernel_hw_breakpoint(bp: HwBreakpoint): number {
    return this.#register(bp, (request) => this.#registry.registerKernel(request));
  }

  /** For one task. */
  register_user_hw_breakpoint(task: Task, bp: HwBreakpoint): number {
    return this.#register(bp, (request) => this.#registry.registerUser(task, request));
  }

  /** Also one of a task. Nothing happens for one that is not registered. */
  unregister_kernel_hw_breakpoint(bp: HwBreakpoint): void {
    this.#registry.unregister(this.#watches.get(bp));
  }

  unregister_user_hw_breakpoint(_task: Task, bp: HwBreakpoint): void {
    this.unregister_kernel_hw_breakpoint(bp);
  }

  /** Its flags: `HW_BREAKPOINT_REGISTERED`, `HW_BREAKPOINT_INSTALLED`. */
  status(bp: HwBreakpoint): number {
    return this.#watches.get(bp)?.status ?? 0;
  }

  #register(bp: HwBreakpoint, register: (request: WatchRequest) => Watch): number {
    try {
      if (this.#watches.get(bp)?.registered === true) {
        throw kwatchError('KWATCH_REGISTERED', 'this structure is registered; unregister it first');
      }
      const { triggered, installed, uninstalled, ...rest } = bp;
      const watch = register({
        ...rest,
        triggered: (_watch, hit) => triggered(bp, hit),
        installed: () => installed?.(bp),
        uninstalled: () => uninstalled?.(bp),
      });
      this.#watches.set(bp, watch);
      return watch.installed ? 1 : 0;
    } catch (error) {
      if (error instanceof KernelError) return -error.errnum;
      throw error;
    }
  }
}
