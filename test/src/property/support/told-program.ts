import type { Access, Cpu, Instruction, Mode, Program } from '@hwbp/core';

/** One instruction whose accesses are known. */
export interface ToldStep {
  readonly pc: bigint;
  readonly accesses: readonly Access[];
  /** What the system call that it is executes in kernel mode. It makes no accesses of its own then. */
  readonly syscall?: readonly ToldStep[];
}

/** Bytes of each instruction. */
export const TOLD_LENGTH = 4;

/** Is told of everything that a program does. */
export interface Witness {
  /** Before the instruction executes for the first time. */
  fetched(cpu: Cpu, mode: Mode, pc: bigint): void;
  /** It has retired, and the traps that it raised are over. */
  retired(cpu: Cpu, mode: Mode, accesses: readonly Access[]): void;
}

/** Executes a list of steps, once or for ever, and tells a witness. */
export class ToldProgram implements Program {
  readonly #steps: readonly ToldStep[];
  readonly #witness: Witness;
  readonly #forever: boolean;
  #next = 0;
  /** The next one was fetched already, and faulted: it is resumed. */
  #resumes = false;

  constructor(steps: readonly ToldStep[], witness: Witness, forever = true) {
    this.#steps = steps;
    this.#witness = witness;
    this.#forever = forever;
  }

  get state(): 'ready' | 'done' {
    return this.#forever || this.#next < this.#steps.length ? 'ready' : 'done';
  }

  run(cpu: Cpu, budget: number): number {
    let retired = 0;
    while (retired < budget && this.state === 'ready') {
      const step = this.#steps[this.#next % this.#steps.length] as ToldStep;
      // As it is when the instruction begins: a system call ends in the other mode.
      const { mode } = cpu.context;
      if (!this.#resumes) this.#witness.fetched(cpu, mode, step.pc);
      this.#resumes = cpu.execute(this.#instruction(step)) === undefined;
      if (!this.#resumes) {
        this.#next++;
        retired++;
        this.#witness.retired(cpu, mode, step.accesses);
      }
      if (cpu.attention) break;
    }
    return retired;
  }

  #instruction({ pc, accesses, syscall }: ToldStep): Instruction {
    const plain = { pc, length: TOLD_LENGTH, accesses };
    return syscall === undefined ? plain : { ...plain, syscall: () => new ToldProgram(syscall, this.#witness, false) };
  }
}
