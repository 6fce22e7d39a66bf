import type { DieRecord, Suspension } from '../kernel/index.js';
import { Facet } from './facet.js';

/**
 * Called once the instruction has completed, in the exception that follows it. What it answers stops the machine there;
 * `undefined`: it goes on.
 */
export type InstructionHandler = (record: DieRecord) => Suspension | undefined;

/** Who has claimed the register, until it is released. */
export interface InstructionClaim {
  /** Reports this instruction of the kernel's, and no other any more. Throws EINVAL for one that there cannot be. */
  move(address: bigint): void;
  /** Clears the register on every CPU, and gives it back. */
  release(): void;
}

/**
 * A register of each CPU that reports one instruction of the kernel's, beside those that breakpoints are given: no
 * breakpoint ever gets it, and none is counted (powerpc's CIABR, which Linux leaves to its debugger).
 *
 * For consumers: it is one address for the whole machine, on CPUs that come online too. While a CPU's debug registers
 * are muted it is quiet like the others.
 *
 * For backend authors: offer it only where the silicon has such a register. It must never fire in user mode.
 */
export interface InstructionBreakpoint {
  /** Name of who has it; `undefined`: nobody. */
  readonly owner: string | undefined;
  /**
   * Takes it. Throws EBUSY with the name of who has it, EINVAL for an address that no instruction can have, ENODEV if
   * the hypervisor of a virtual machine does not let it be used.
   */
  claim(owner: string, address: bigint, handler: InstructionHandler): InstructionClaim;
}

export const INSTRUCTION_BREAKPOINT = new Facet<InstructionBreakpoint>(
  'instruction breakpoint register',
  'InstructionBreakpoint (a register of its own for one instruction), and offer it with INSTRUCTION_BREAKPOINT',
);
