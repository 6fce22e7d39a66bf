import type { Cpu, Program } from '@hwbp/core';

/** Stores 8 bytes wherever it is told, and waits to be told more. */
export class StoreQueue implements Program {
  readonly #addresses: bigint[] = [];

  get state(): 'ready' | 'starved' {
    return this.isDone ? 'starved' : 'ready';
  }

  get isDone(): boolean {
    return this.#addresses.length === 0;
  }

  store(address: bigint): void {
    this.#addresses.push(address);
  }

  run(cpu: Cpu, budget: number): number {
    let retired = 0;
    while (retired < budget && this.#addresses[0] !== undefined) {
      const accesses = [{ kind: 'write', address: this.#addresses[0], size: 8 }] as const;
      if (cpu.execute({ pc: 0x40_0000n, length: 4, accesses }) !== undefined) {
        this.#addresses.shift();
        retired++;
      }
      if (cpu.attention) break;
    }
    return retired;
  }
}
