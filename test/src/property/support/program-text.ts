import assert from 'node:assert/strict';
import type { Access, Breakpoint, Cpu, Hit, Instruction, Machine, Mode, Program, ProgramState, Task } from '@hwbp/core';

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
  assert.ok(task, 'programs are executed by tasks');
  events.push({ kind: 'hit', task, cpu: cpu.index, breakpoint, register, pc, ip, now: cpu.clock.now });
}

/** Executes a list of steps once, and notes when each has retired. */
export class TextProgram implements Program {
  readonly #steps: readonly Step[];
  readonly #events: Event[];
  readonly #machine: Machine;
  #next = 0;

  constructor(steps: readonly Step[], events: Event[], machine: Machine) {
    this.#steps = steps;
    this.#events = events;
    this.#machine = machine;
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
      const task = this.#machine.current(cpu);
      const { index, context } = cpu;
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
    if (syscall === undefined) return plain;
    return { ...plain, syscall: () => new TextProgram(syscall, this.#events, this.#machine) };
  }
}
