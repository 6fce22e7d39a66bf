import type { AddressSpace, Cpu } from '../hardware/index.js';
import type { ImageValue } from '../image/index.js';
import type { Code } from './code.js';

/**
 * `ready`: has instructions to execute. `starved`: waits for input from outside (a trace that is being read).
 * `asleep`: waits for something in here, such as an interrupt; whoever brings it wakes the task. `done`: has no more;
 * the kernel takes it off its task's stack.
 */
export type ProgramState = 'ready' | 'starved' | 'asleep' | 'done';

/** Something that a CPU executes. The loop over instructions is the program's own, so that a trace replay can batch. */
export interface Program {
  readonly state: ProgramState;
  /**
   * Address of its first instruction, where that is known before it executes: what a task's program counter is then.
   */
  readonly entry?: bigint;
  /**
   * Executes up to `budget` (1 or more) instructions on `cpu` and returns how many retired. Must return as soon as
   * `cpu.attention` is set, and when {@link state} is no longer `ready`.
   */
  run(cpu: Cpu, budget: number): number;
  /**
   * What it takes to go on from here on another machine. Without it, the program cannot be written down, and a kernel
   * that executes it makes no image. Throws EBUSY if it cannot be now. `code`: the names of functions.
   */
  save?(code: Code): ProgramImage;
  /**
   * A program of its own that goes on from here, for a child that its task makes (fork). Without it, or where it
   * returns `undefined`, as a generator has to, somebody has to say what the child executes.
   */
  copy?(): Program | undefined;
}

/**
 * A program as an image has it. `kind`: `list`, or the name of a function of the composition's option `code` that takes
 * `state` (an `ImageReader`) and makes the program.
 */
export interface ProgramImage {
  readonly kind: string;
  readonly state: ImageValue;
}

/** For whom a program is made, as far as its kernel says. */
export interface ProgramUser {
  /** Whose program it is; there may be no such task yet. `memory`: what it finds there is its own to fill. */
  readonly task?: { readonly pid: number; readonly memory?: AddressSpace | undefined };
  /** True: the task begins with it, so that nothing is on its stack. */
  readonly begins?: boolean;
  /** Where it is going to execute. */
  readonly cpu?: Cpu;
}

/**
 * Makes a program from its beginning: what a task, a system call or a handler is made of, and could be made of again.
 * `Of`: what it is told about what it is made for, such as the CPU and the line of an interrupt. Whoever begins a task
 * says a {@link ProgramUser}.
 */
export type ProgramFactory<Of extends readonly unknown[] = []> = (...of: Of) => Program;

/** True for something that can be run. */
export function isProgram(value: unknown): value is Program {
  return typeof value === 'object' && value !== null && typeof (value as Partial<Program>).run === 'function';
}

/**
 * The program that a factory makes. Throws a TypeError for anything else; `what` names the argument in it. `of`: what
 * it is made for.
 */
export function begin(factory: unknown, what: string, ...of: readonly unknown[]): Program {
  if (typeof factory === 'function') {
    const made: unknown = factory(...of);
    if (isProgram(made)) return made;
  }
  const hint = isProgram(factory) ? 'a program itself is used up when it has run: pass () => it, or' : 'use';
  throw new TypeError(`${what} is a function that makes a program; ${hint} program(generator function or list)`);
}
