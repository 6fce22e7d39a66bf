import type { Cpu } from '../hardware/cpu.js';
import type { Instruction, Loaded } from '../hardware/instruction.js';
import type { Program, ProgramState } from './program.js';

/** A generator that describes one instruction at a time and receives what it loaded once it has retired. */
export type InstructionSource = Generator<Instruction, void, Loaded>;

const NOTHING: Loaded = Object.freeze([]);

/** A program written as a generator, or as any iterable of instructions. */
export class InstructionProgram implements Program {
  readonly #source: Iterator<Instruction, void, Loaded>;
  #current: Instruction | undefined;
  #loaded: Loaded = NOTHING;
  #done = false;

  constructor(source: InstructionSource | Iterable<Instruction>) {
    this.#source = 'next' in source ? source : source[Symbol.iterator]();
  }

  get state(): ProgramState {
    return this.#done ? 'done' : 'ready';
  }

  run(cpu: Cpu, budget: number): number {
    let retired = 0;
    while (retired < budget) {
      if (this.#current === undefined) {
        const step = this.#source.next(this.#loaded);
        if (step.done === true) {
          this.#done = true;
          return retired;
        }
        this.#current = step.value;
      }
      const loaded = cpu.execute(this.#current);
      if (loaded !== undefined) {
        // Resumed only when the instruction has retired: until then the same description executes again.
        this.#current = undefined;
        this.#loaded = loaded;
        retired++;
      }
      if (cpu.attention) break;
    }
    return retired;
  }
}

/** A program from a generator function or an iterable of instructions. */
export function program(source: (() => InstructionSource) | Iterable<Instruction>): Program {
  return new InstructionProgram(typeof source === 'function' ? source() : source);
}
