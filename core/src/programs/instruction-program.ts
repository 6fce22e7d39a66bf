import type { Cpu, Loaded, MachineInstruction } from '../hardware/index.js';
import { notWritable } from '../image/index.js';
import type { Code } from './code.js';
import type { Program, ProgramFactory, ProgramImage, ProgramState } from './program.js';
import type { Sleep, Waiting } from './waiting.js';

/** Who makes a system call, and where. What a task is, the kernel says, which adds it here. */
export interface SystemCallEntry {
  readonly cpu: Cpu;
}

/**
 * A system call that an instruction makes: `true`, the one whose number and arguments are in its registers; or the
 * program that it runs in kernel mode, for one that has no number.
 */
export type SystemCallRequest = true | ProgramFactory<[call: SystemCallEntry]>;

/** A plain description of an instruction of a program. */
export interface Instruction extends MachineInstruction {
  readonly syscall?: SystemCallRequest;
  /**
   * What its task waits for behind it: the program is asleep until that has come, and learns 0, or 1 if a signal has
   * ended the wait (Linux: ERESTARTSYS). It is the last of what the instruction has loaded.
   */
  readonly wait?: Waiting;
}

/** A generator that describes one instruction at a time and receives what it loaded once it has retired. */
export type InstructionSource = Generator<Instruction, void, Loaded>;

const NOTHING: Loaded = Object.freeze([]);

/** Where a program's instructions come from. `save`: for one whose position can be written down. */
export interface InstructionIterator extends Iterator<Instruction, void, Loaded> {
  /** `held`: the latest instruction that it gave has not retired. `done`: the program has come to its end. */
  save?(code: Code, held: boolean, done: boolean): ProgramImage;
  /** Another one that goes on with the same instruction. */
  copy?(): InstructionIterator;
}

/** A program written as a generator, or as a list of instructions. */
export class InstructionProgram implements Program {
  readonly #source: InstructionIterator;
  #current: Instruction | undefined;
  #loaded: Loaded = NOTHING;
  #sleep: Sleep | undefined;
  #done: boolean;

  /** `done`: it had come to its end. */
  constructor(source: InstructionIterator, done = false) {
    this.#source = source;
    this.#done = done;
  }

  get state(): ProgramState {
    if (this.#done) return 'done';
    return this.#sleep === undefined || this.#sleep.over ? 'ready' : 'asleep';
  }

  run(cpu: Cpu, budget: number): number {
    if (this.#sleep !== undefined && !this.#wake(this.#sleep)) return 0;
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
        const { wait } = this.#current;
        this.#current = undefined;
        this.#loaded = loaded;
        retired++;
        if (wait !== undefined && this.#waits(cpu, wait)) break;
      }
      if (cpu.attention) break;
    }
    return retired;
  }

  /** True: the program sleeps. */
  #waits(cpu: Cpu, wait: Waiting): boolean {
    this.#sleep = wait.begin(cpu);
    if (this.#sleep === undefined) this.#loaded = [...this.#loaded, 0n];
    return this.#sleep !== undefined;
  }

  /** False: it sleeps on. */
  #wake(sleep: Sleep): boolean {
    if (!sleep.over) return false;
    this.#sleep = undefined;
    this.#loaded = [...this.#loaded, sleep.end()];
    return true;
  }

  /** Not while it is in the middle of an instruction, or waits. */
  copy(): Program | undefined {
    if (this.#current !== undefined || this.#sleep !== undefined) return undefined;
    const source = this.#source.copy?.();
    return source && new InstructionProgram(source, this.#done);
  }

  save(code: Code): ProgramImage {
    if (this.#sleep !== undefined) throw notWritable(`a program waits for ${this.#sleep.what}: let that come first`);
    const image = this.#source.save?.(code, this.#current !== undefined, this.#done);
    if (image !== undefined) return image;
    throw notWritable('a program is a generator, whose place nobody can write; make it of a list of instructions');
  }
}
