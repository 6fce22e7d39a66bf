import type { Cpu, Machine, Program, ProgramState, Task } from '@hwbp/core';
import { describeInstruction, type WorkerState } from './worker-instructions.js';

/**
 * The recorded tasks' program: executes whatever instruction the program counter points at, so that a debugger moves it by
 * setting registers, as on the real machine.
 */
export class WorkerProgram implements Program {
  readonly state: ProgramState = 'ready';
  readonly #machine: Machine;
  readonly #syscall: (task: Task) => Program;

  /** `syscall`: the kernel's side of a system call of a task, by its registers. */
  constructor(machine: Machine, syscall: (task: Task) => Program) {
    this.#machine = machine;
    this.#syscall = syscall;
  }

  run(cpu: Cpu, budget: number): number {
    const task = cpu.current;
    if (task === undefined) return 0;
    const state: WorkerState = {
      context: task.context,
      peek: (address, size) => {
        const memory = this.#machine.memoryAt(task, address);
        return memory.firstFault(address, size, false) === undefined ? memory.readInteger(address, size) : 0n;
      },
      syscall: () => this.#syscall(task),
    };
    let retired = 0;
    while (retired < budget) {
      if (cpu.execute(describeInstruction(state)) !== undefined) retired++;
      if (cpu.attention) break;
    }
    return retired;
  }
}
