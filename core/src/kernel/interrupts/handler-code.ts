import { FUNCTION, requireKind, TEXT } from '../../errors/index.js';
import type { Cpu } from '../../hardware/index.js';
import type { ProgramFactory } from '../../programs/index.js';

/** What a handler is told: the CPU that it is on, and the line that was raised. */
export interface Interrupted {
  readonly cpu: Cpu;
  /** -1 where no line of a device is behind it. */
  readonly line: number;
}

/** What somebody wants done on a CPU, in the middle of whatever that does: one of the two. */
export interface HandlerCode {
  /** Whose handler, for people: errors and `describe` name it. */
  readonly name: string;
  /** A program that executes in kernel mode, and is traced, watched and stepped like everything else. */
  readonly program?: ProgramFactory<[at: Interrupted]>;
  /** A function that is called, and costs the simulation no time. */
  readonly action?: (at: Interrupted) => void;
}

/** A handler of a line. */
export interface IrqHandler extends HandlerCode {
  /**
   * The program begins with interrupts off (Linux: IRQF_DISABLED). Default: lines of a higher priority interrupt it.
   */
  readonly irqsOff?: boolean;
}

/** How other CPUs are called. */
export interface CallOptions extends HandlerCode {
  /** Called once every CPU has done it. */
  readonly done?: () => void;
}

/** Options that all of them have. */
export const HANDLER = Object.freeze({ name: TEXT, program: FUNCTION, action: FUNCTION });

/** Throws a TypeError for code that has neither, or both. */
export function checkCode({ name, program, action }: HandlerCode): void {
  requireKind('name', name, TEXT);
  if ((program === undefined) !== (action === undefined)) return;
  throw new TypeError(`${name} has a program or an action, and ${program === undefined ? 'got neither' : 'not both'}`);
}
