import type { Cpu, Loaded, MachineInstruction } from '../hardware/index.js';
import type { Program, ProgramFactory, ProgramState } from './program.js';

/**
 * A plain description of an instruction of a program: its system call, if it makes one, is a program that runs in
 * kernel mode.
 */
export interface Instruction extends MachineInstruction {
  readonly syscall?: ProgramFactory;
}

/** A generator that describes one instruction at a time and receives what it loaded once it has retired. */
export type InstructionSource = Generator<Instruction, void, Loaded>;

const NOTHING: Loaded = Object.freeze([]);

/** A program written as a generator, or as a list of instructions. */
class InstructionProgram implements Program {
  readonly #source: Iterator<Instruction, void, Loaded>;
  #current: Instruction | undefined;
  #loaded: Loaded = NOTHING;
  #done = false;

  constructor(source: Iterator<Instruction, void, Loaded>) {
    this.#source = source;
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
      // What the generator did may have had a virtual CPU leave: nothing executes on it before it is entered again.
      if (!cpu.present) break;
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

/**
 * Programs from a generator function or a list of instructions: each begins anew. Throws a TypeError for a generator,
 * which could be run only once.
 */
export function program(source: (() => Iterator<Instruction, void, Loaded>) | Iterable<Instruction>): ProgramFactory {
  if (typeof source === 'function') return () => new InstructionProgram(source());
  if (typeof source?.[Symbol.iterator] !== 'function') {
    throw new TypeError('program takes a generator function or a list of instructions');
  }
  if (source[Symbol.iterator]() === (source as unknown)) {
    throw new TypeError(
      'this generator can be run only once; pass the generator function to program, not what it returned',
    );
  }
  return () => new InstructionProgram(source[Symbol.iterator]() as Iterator<Instruction, void, Loaded>);
}
