import { type Hit, type HwBreakpointAttr, KernelError } from '@hwbp/core';
import type { Claim, ClaimHandler, Claims } from './claims.js';

/**
 * Registers for every task; or, for addresses of the kernel's that the architecture does not watch for tasks (arm64 in
 * Linux), for every CPU: what tasks share there is the same memory.
 */
export class TaskOrCpuClaims implements Claims<Hit> {
  readonly #tasks: Claims<Hit>;
  readonly #cpus: Claims<Hit>;
  readonly #taskSize: bigint;

  /** `taskSize`: where user space ends. */
  constructor(tasks: Claims<Hit>, cpus: Claims<Hit>, taskSize: bigint) {
    this.#tasks = tasks;
    this.#cpus = cpus;
    this.#taskSize = taskSize;
  }

  get onHit(): ClaimHandler<Hit> {
    return this.#tasks.onHit;
  }

  set onHit(handler: ClaimHandler<Hit>) {
    this.#tasks.onHit = handler;
    this.#cpus.onHit = handler;
  }

  claim(attrs: readonly HwBreakpointAttr[]): Claim {
    try {
      return this.#tasks.claim(attrs);
    } catch (error) {
      const kernels = attrs.every(({ bp_addr }) => bp_addr >= this.#taskSize);
      if (!kernels || !(error instanceof KernelError) || error.errno !== 'EINVAL') throw error;
      return this.#cpus.claim(attrs);
    }
  }

  dispose(): void {
    this.#tasks.dispose();
    this.#cpus.dispose();
  }
}
