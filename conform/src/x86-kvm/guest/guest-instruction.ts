import type { Loaded, MachineInstruction } from '@hwbp/core';
import type { GuestCpu } from './guest-cpu.js';

/** What an instruction does, as the CPU is told. */
export type Effect = Omit<MachineInstruction, 'pc' | 'length'>;

/** An exception that an instruction raises in place of doing something: #UD, or #GP where code is not privileged. */
export type Refusal = 'undefined' | 'privilege';

/** One instruction of a guest. */
export interface GuestInstruction {
  /** Bytes. */
  readonly length: number;
  readonly refusal?: (cpu: GuestCpu) => Refusal | undefined;
  /** What it does, from the state that it executes in. Default: nothing. */
  readonly describe?: (cpu: GuestCpu) => Effect;
  /** What it leaves in registers once it has retired; `loaded`: the values that it loaded. */
  readonly complete?: (cpu: GuestCpu, loaded: Loaded) => void;
}

/** INT n, for whoever takes the CPU's traps. */
export class SoftwareInterrupt {
  readonly vector: number;

  constructor(vector: number) {
    this.vector = vector;
  }
}

/** Instructions by where they stand. */
export interface GuestCode {
  at(pc: bigint, cpu: GuestCpu): GuestInstruction;
}

const NOTHING: Effect = Object.freeze({});

/** What an instruction does in this state. */
export function effectOf(instruction: GuestInstruction, cpu: GuestCpu): Effect {
  return instruction.describe?.(cpu) ?? NOTHING;
}

/** An instruction that only CPL 0 may execute. */
export const privileged = ({ privileged: may }: GuestCpu): Refusal | undefined => (may ? undefined : 'privilege');
