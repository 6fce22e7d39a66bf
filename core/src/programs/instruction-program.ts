import { type Cpu, type Loaded, type MachineInstruction, ValueError } from '../hardware/index.js';
import { notWritable } from '../image/index.js';
import { checkInstruction } from './check-instruction.js';
import { checkRegisters } from './check-registers.js';
import type { Code } from './code.js';
import type { Program, ProgramFactory, ProgramImage, ProgramState } from './program.js';
import { type Waiting, WaitState } from './waiting.js';

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
  /** True: what it gives are instructions. Default: each is looked at. */
  readonly checked?: boolean;
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
  readonly #waits = new WaitState();
  #done: boolean;
  /** What was looked at last. */
  #checked: Instruction | undefined;
  /** Why it cannot go on. */
  #failure: { readonly error: unknown } | undefined;

  /** `done`: it had come to its end. */
  constructor(source: InstructionIterator, done = false) {
    this.#source = source;
    this.#done = done;
  }

  get state(): ProgramState {
    if (this.#done) return 'done';
    return this.#waits.asleep ? 'asleep' : 'ready';
  }

  run(cpu: Cpu, budget: number): number {
    if (this.#failure !== undefined) this.#fail(this.#failure);
    if (this.#waits.asleep) return 0;
    this.#learn(this.#waits.end());
    let retired = 0;
    let executes = false;
    try {
      while (retired < budget) {
        const current = this.#current ?? this.#next(cpu);
        // What the generator did may have had a virtual CPU leave: nothing executes on it before it is entered again.
        if (current === undefined || !cpu.present) break;
        executes = true;
        const loaded = cpu.execute(current);
        executes = false;
        if (loaded !== undefined) {
          // Resumed only when the instruction has retired: until then the same description executes again.
          const { wait } = current;
          this.#current = undefined;
          this.#loaded = loaded;
          retired++;
          if (wait !== undefined && this.#sleeps(cpu, wait)) break;
        }
        if (cpu.attention && !cpu.goesOn()) break;
      }
    } catch (error) {
      if (executes && !(error instanceof ValueError)) throw error;
      // It cannot go on. What has retired in front of it counts: it fails when it runs the next time.
      this.#failure = { error };
      if (retired === 0) this.#fail(this.#failure);
    }
    return retired;
  }

  /** The instruction that comes next; `undefined`: there is none. */
  #next(cpu: Cpu): Instruction | undefined {
    const { done, value } = this.#source.next(this.#loaded);
    if (done === true) this.#done = true;
    else if (value !== this.#checked) this.#check(value as Instruction, cpu);
    this.#current = value as Instruction | undefined;
    return this.#current;
  }

  #sleeps(cpu: Cpu, wait: Waiting): boolean {
    this.#learn(this.#waits.begin(cpu, wait));
    return this.#waits.what !== undefined;
  }

  /** One that is given again and again, as a constant of a loop, is looked at once. */
  #check(instruction: Instruction, cpu: Cpu): void {
    if (this.#source.checked !== true) checkInstruction(instruction);
    checkRegisters(instruction, cpu);
    this.#checked = instruction;
  }

  /** Its own error ends it: whoever runs on finds it done. */
  #fail({ error }: { readonly error: unknown }): never {
    this.#done = true;
    this.#failure = undefined;
    throw error;
  }

  /** The last of what its instruction has loaded. */
  #learn(value: bigint | undefined): void {
    if (value !== undefined) this.#loaded = [...this.#loaded, value];
  }

  /** Not while it is in the middle of an instruction, or waits. */
  copy(): Program | undefined {
    if (this.#current !== undefined || this.#waits.what !== undefined) return undefined;
    const source = this.#source.copy?.();
    return source && new InstructionProgram(source, this.#done);
  }

  save(code: Code): ProgramImage {
    if (this.#waits.what !== undefined)
      throw notWritable(`a program waits for ${this.#waits.what}: let that come first`);
    const image = this.#source.save?.(code, this.#current !== undefined, this.#done);
    if (image !== undefined) return image;
    throw notWritable('a program is a generator, whose place nobody can write; make it of a list of instructions');
  }
}
