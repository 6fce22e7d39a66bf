import type { Cpu, Machine, Program, ProgramState } from '@hwbp/core';
import type { WorkerCode } from './worker.js';

/**
 * A recorded task's program: executes whatever instruction the program counter points at, so that a debugger moves it
 * by setting registers, as on the real machine.
 */
export class WorkerProgram implements Program {
  readonly state: ProgramState = 'ready';
  readonly #machine: Machine;
  readonly #code: WorkerCode;

  constructor(machine: Machine, code: WorkerCode) {
    this.#machine = machine;
    this.#code = code;
  }

  run(cpu: Cpu, budget: number): number {
    const task = this.#machine.current(cpu);
    if (task === undefined) return 0;
    let retired = 0;
    while (retired < budget) {
      if (cpu.execute(this.#code.describe(task)) !== undefined) retired++;
      else this.#code.interrupted?.();
      if (cpu.attention) break;
    }
    return retired;
  }
}
