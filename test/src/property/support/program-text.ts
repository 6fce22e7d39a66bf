import type { Access, Breakpoint, Cpu, Hit, Instruction, Mode, Program, ProgramState, Task } from '@hwbp/core';

/** One instruction of a random program. */
export interface Step {
  readonly pc: bigint;
  readonly accesses: readonly Access[];
  /** Debug traps wait for the next instruction. */
  readonly shadow?: boolean;
  /** What the system call that it is executes in kernel mode. */
  readonly syscall?: readonly Step[];
}

/** Bytes of each instruction. */
export const STEP_LENGTH = 4;

/** What was seen, in order: an instruction retired, or a handler was called. */
export type Event =
  | { readonly kind: 'retired'; readonly task: Task; readonly cpu: number; readonly mode: Mode; readonly step: Step }
  | {
      readonly kind: 'hit';
      readonly task: Task;
      readonly cpu: number;
      readonly breakpoint: Breakpoint;
      readonly register: number;
      readonly pc: bigint;
      readonly ip: bigint;
      readonly now: number;
    };

/** Enters a hit. */
export function recordHit(events: Event[], hit: Hit): void {
  const { task, cpu, breakpoint, pc, ip } = hit;
  const { register } = breakpoint;
  events.push({ kind: 'hit', task, cpu: cpu.index, breakpoint, register, pc, ip, now: cpu.clock.now });
}

/** Executes a list of steps once, and notes when each has retired. */
export class TextProgram implements Program {
  readonly #steps: readonly Step[];
  readonly #events: Event[];
  #next = 0;

  constructor(steps: readonly Step[], events: Event[]) {
    this.#steps = steps;
    this.#events = events;
  }

  get state(): ProgramState {
    return this.#next < this.#steps.length ? 'ready' : 'done';
  }

  run(cpu: Cpu, budget: number): number {
    let retired = 0;
    while (retired < budget) {
      const step = this.#steps[this.#next];
      if (step === undefined) break;
      // As it is when the instruction begins: a system call ends in the other mode.
      const { current: task, index, context } = cpu;
      const { mode } = context;
      if (cpu.execute(this.#instruction(step)) !== undefined) {
        this.#next++;
        retired++;
        if (task !== undefined) this.#events.push({ kind: 'retired', task, cpu: index, mode, step });
      }
      if (cpu.attention) break;
    }
    return retired;
  }

  #instruction({ pc, accesses, shadow = false, syscall }: Step): Instruction {
    const plain = { pc, length: STEP_LENGTH, accesses, shadow };
    return syscall === undefined ? plain : { ...plain, syscall: () => new TextProgram(syscall, this.#events) };
  }
}
