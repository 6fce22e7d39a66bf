import { Context } from '../../hardware/index.js';
import type { Program } from '../../programs/index.js';
import type { ExecutionContext } from './execution-context.js';

/** The kinds of what interrupts. */
export type HandlerKind = Exclude<ExecutionContext, 'task' | 'idle'>;

/** Registers that a frame has until it is entered. */
const NO_REGISTERS = new Context();

/** A handler on a CPU, with registers of its own: those of what it interrupted stay as they are. */
export class HandlerFrame {
  readonly kind: HandlerKind;
  /** Whose handler, for people. */
  readonly name: string;
  /** Only lines of a higher priority interrupt it; Infinity: none does. */
  readonly priority: number;
  readonly program: Program;
  /** It begins with interrupts off. */
  readonly irqsOff: boolean;
  /** How this kind returns: called when it is off the CPU's stack. */
  readonly end: (() => void) | undefined;
  context: Context = NO_REGISTERS;
  /** It is not to go on: what its program has done is wrong. */
  ended = false;

  constructor(kind: HandlerKind, name: string, priority: number, program: Program, irqsOff: boolean, end?: () => void) {
    this.kind = kind;
    this.name = name;
    this.priority = priority;
    this.program = program;
    this.irqsOff = irqsOff;
    this.end = end;
  }
}
