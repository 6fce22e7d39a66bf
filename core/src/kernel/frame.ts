import type { Cpu, SavedContext } from '../hardware/index.js';
import type { Program } from '../programs/index.js';
import type { SignalName } from './signals.js';
import type { Task } from './task.js';

/** What a program on a task's stack is: it says what happens when the program has come to its end. */
export interface FrameKind {
  /** For people, such as `system call`. */
  readonly name: string;
  /** The frame was taken off the stack of `task`, which is on `cpu`: puts back what it interrupted. */
  end(cpu: Cpu, task: Task, interrupted: SavedContext): void;
  /** On top of the stack, a handler of a signal is about to be entered. `flags`: its `sa_flags`. */
  beforeHandler?(task: Task, flags: number): void;
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

/** A signal handler: everything is as it was before, the signals that were blocked too (Linux: rt_sigreturn). */
export class SignalFrame implements FrameKind {
  readonly name = 'signal handler';
  /** The signals that were blocked when it was entered. */
  readonly blocked: ReadonlySet<SignalName>;

  constructor(blocked: ReadonlySet<SignalName>) {
    this.blocked = blocked;
  }

  end(_cpu: Cpu, { context, blocked }: Task, interrupted: SavedContext): void {
    context.restore(interrupted);
    for (const signal of [...blocked]) if (!this.blocked.has(signal)) blocked.delete(signal);
    for (const signal of this.blocked) blocked.add(signal);
  }
}
