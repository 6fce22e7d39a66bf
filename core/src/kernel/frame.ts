import type { Cpu, SavedContext } from '../hardware/index.js';
import type { Program } from '../programs/index.js';
import type { Task } from './task.js';

/** What a program on a task's stack is: it says what happens when the program has come to its end. */
export interface FrameKind {
  /** For people, such as `system call`. */
  readonly name: string;
  /** The frame was taken off the stack of `task`, which is on `cpu`: puts back what it interrupted. */
  end(cpu: Cpu, task: Task, interrupted: SavedContext): void;
}

/** One program on a task's stack, with the context that it interrupted. */
export interface Frame {
  readonly program: Program;
  /** `undefined`: the task began with it. */
  readonly interrupted: SavedContext | undefined;
  readonly kind: FrameKind;
}

/** What a task begins with: the task ends with the last frame. */
export const PROGRAM_FRAME: FrameKind = Object.freeze({ name: 'program', end() {} });

/** A signal handler: everything is as it was before. */
export const SIGNAL_FRAME: FrameKind = Object.freeze({
  name: 'signal handler',
  end(_cpu: Cpu, { context }: Task, interrupted: SavedContext) {
    context.restore(interrupted);
  },
});
