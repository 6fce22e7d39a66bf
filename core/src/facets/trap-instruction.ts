import { Facet } from './facet.js';

/** The instructions that debuggers write over a program's text to stop there. */
export interface TrapInstruction {
  /** Each as it lies in memory, all of one length. */
  readonly encodings: readonly Uint8Array[];
  /** Bytes: instructions begin at multiples of it. */
  readonly alignment: number;
}

export const TRAP_INSTRUCTION = new Facet<TrapInstruction>(
  'trap instruction',
  'TrapInstruction (the bytes of software breakpoints), and offer it with TRAP_INSTRUCTION',
);
