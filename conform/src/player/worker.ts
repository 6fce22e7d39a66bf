import type { Instruction, Program, Task } from '@hwbp/core';
import type { SystemCalls } from './system-calls.js';

/** Starts a system call of a task: by name, with its arguments. */
export type StartCall = (task: Task, name: string, args: readonly bigint[]) => Program;

/** The instructions of one image of the recorded program, by where its task stands. */
export interface WorkerCode {
  /** The instruction at the task's program counter. */
  describe(task: Task): Instruction;
  /** An exception came instead of what was described last. */
  interrupted?(): void;
}

/** The program that the tasks of one script execute. */
export interface Worker {
  /** Maps it into a task, and puts the task at its first instruction. */
  load(task: Task): void;
  /** Which of its programs an execve asks for, by the first argument of the call. Default: the one that it executes. */
  image?(path: bigint): { readonly compat?: boolean };
  /** Maps again what a child shares with its parent, for good. */
  share?(child: Task): void;
  /** Its instructions, for one process. */
  code(start: StartCall): WorkerCode;
  /** System calls that only it makes. */
  readonly calls?: SystemCalls;
}
