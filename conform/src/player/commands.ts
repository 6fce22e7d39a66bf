import type { Cpu, Instruction, Program, ProgramState } from '@hwbp/core';

/** Executes what it is given, and sleeps in between. */
export class Commands implements Program {
  readonly #queue: Instruction[] = [];

  get state(): ProgramState {
    return this.#queue.length === 0 ? 'starved' : 'ready';
  }

  push(...instructions: readonly Instruction[]): void {
    this.#queue.push(...instructions);
  }

  run(cpu: Cpu, budget: number): number {
    let retired = 0;
    while (retired < budget && this.#queue.length > 0) {
      if (cpu.execute(this.#queue[0] as Instruction) !== undefined) {
        this.#queue.shift();
        retired++;
      }
      if (cpu.attention) break;
    }
    return retired;
  }
}
