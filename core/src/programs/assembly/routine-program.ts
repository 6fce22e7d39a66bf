import { type Cpu, highHalf, lowHalf } from '../../hardware/index.js';
import { notWritable } from '../../image/index.js';
import type { Code } from '../code.js';
import type { Program, ProgramImage, ProgramState } from '../program.js';
import { WaitState } from '../waiting.js';
import type { Assembly } from './assembly.js';
import type { StackUser } from './memory.js';

/** With what a routine begins. */
export interface Start extends StackUser {
  /** Values of the first argument registers. */
  readonly args: readonly bigint[];
}

/**
 * Where a routine is: in front of an instruction of the text, by its number; at an address where there is none; at its
 * end.
 */
export type Position = number | bigint | 'end';

/** A routine of an assembly that executes: all that it is in the middle of is its position. */
export class RoutineProgram implements Program {
  readonly #assembly: Assembly;
  /** Where it is made to begin. */
  readonly entry: bigint;
  readonly #waits = new WaitState();
  /** The register that learns how a wait has ended. */
  #learns: string | undefined;
  #position: Position;
  /** Until its first instruction. */
  #start: Start | undefined;

  constructor(assembly: Assembly, position: Position, start?: Start) {
    this.#assembly = assembly;
    this.#position = position;
    this.entry = position === 'end' ? 0n : assembly.addressOf(position);
    this.#start = start;
  }

  get state(): ProgramState {
    if (this.#isDone) return 'done';
    return this.#waits.asleep ? 'asleep' : 'ready';
  }

  get #isDone(): boolean {
    return this.#position === 'end';
  }

  run(cpu: Cpu, budget: number): number {
    if (this.#waits.asleep || this.#isDone) return 0;
    this.#begin(cpu);
    let retired = 0;
    while (retired < budget && !this.#isDone) {
      if (typeof this.#position === 'number' && !cpu.careful) {
        const { compiled } = this.#assembly;
        const ran = compiled.run(cpu, this.#position, budget - retired);
        if (ran > 0) {
          this.#position = compiled.at;
          retired += ran;
          if (retired === budget) break;
          cpu.account(retired);
        }
      }
      if (!cpu.present) break;
      if (this.#step(cpu)) retired++;
      if (this.#waits.what !== undefined || (cpu.attention && !this.#goesOn(cpu))) break;
    }
    return retired;
  }

  /** Not while it waits: a child of its task goes on where it is. */
  copy(): Program | undefined {
    return this.#waits.what === undefined ? new RoutineProgram(this.#assembly, this.#position, this.#start) : undefined;
  }

  save(code: Code): ProgramImage {
    if (this.#waits.what !== undefined)
      throw notWritable(`a routine waits for ${this.#waits.what}: let that come first`);
    const kind = code.nameOf(this.#assembly.resume, `a routine of ${this.#assembly.name}`);
    return { kind, state: this.#assembly.savePosition(this.#position, this.#start) };
  }

  /** What comes in front of the next instruction: the beginning, the end of a wait, and a debugger's new position. */
  #begin(cpu: Cpu): void {
    const { context } = cpu;
    if (this.#start !== undefined) {
      this.#assembly.enter(cpu, this.#start);
      this.#start = undefined;
      return;
    }
    this.#learn(cpu, this.#waits.end());
    if (this.#isHere(cpu)) return;
    const at = this.#assembly.indexAt(context.pc);
    if (at !== undefined) this.#position = at;
  }

  /** An exception has left nothing to do, and has not put it somewhere else. */
  #goesOn(cpu: Cpu): boolean {
    return this.#isHere(cpu) && cpu.goesOn();
  }

  #isHere({ context }: Cpu): boolean {
    return this.#position === 'end' || context.pc === this.#assembly.addressOf(this.#position);
  }

  /** One instruction by the CPU's interpreter. False: it has not retired. */
  #step(cpu: Cpu): boolean {
    const at = this.#position;
    if (at === 'end') return false;
    if (typeof at === 'bigint') {
      cpu.begin(highHalf(at), lowHalf(at));
      cpu.pageFault(at, false);
      return false;
    }
    const instruction = this.#assembly.describe(at, cpu);
    const loaded = cpu.execute(instruction);
    if (loaded === undefined) return false;
    this.#position = this.#assembly.follow(at, instruction.next, loaded);
    const { wait } = instruction;
    if (wait !== undefined) {
      this.#learns = this.#assembly.learns(at, cpu);
      this.#learn(cpu, this.#waits.begin(cpu, wait));
    }
    return true;
  }

  #learn({ context }: Cpu, value: bigint | undefined): void {
    if (value !== undefined && this.#learns !== undefined) context.set(this.#learns, value);
  }
}
