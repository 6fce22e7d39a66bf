import {
  type DieRecord,
  type Hit,
  HW_BREAKPOINT_X,
  type InstructionBreakpoint,
  type InstructionClaim,
  KernelError,
  type Suspension,
} from '@hwbp/core';
import { OWNER, type XmonParts } from '../parts.js';
import type { CpuClaim, CpuClaims } from './cpu-claims.js';
import { refusalOf } from './no-register.js';

/** The one register that watches an instruction. */
export interface InstructionPoint {
  /** Watches this instruction instead of whatever it watched; after a refusal it watches that still. */
  set(address: bigint): void;
  clear(): void;
}

/** What is told of hits. */
export interface InstructionHits {
  /** Behind the instruction, by a register of its own. */
  completed(record: DieRecord): Suspension | undefined;
  /** Before the instruction, by an execute breakpoint. */
  reached(hit: Hit): void;
}

/** The CPU has a register for it that no breakpoint ever gets (ppc64: CIABR). */
class OwnRegister implements InstructionPoint {
  readonly #register: InstructionBreakpoint;
  readonly #hits: InstructionHits;
  #claim: InstructionClaim | undefined;

  constructor(register: InstructionBreakpoint, hits: InstructionHits) {
    this.#register = register;
    this.#hits = hits;
  }

  set(address: bigint): void {
    try {
      if (this.#claim !== undefined) this.#claim.move(address);
      else this.#claim = this.#register.claim(OWNER, address, (record) => this.#hits.completed(record));
    } catch (error) {
      throw refusalOf(error);
    }
  }

  clear(): void {
    this.#claim?.release();
    this.#claim = undefined;
  }
}

/** An execute breakpoint on every CPU. */
class ExecuteBreakpoint implements InstructionPoint {
  readonly #parts: XmonParts;
  readonly #claims: CpuClaims;
  readonly #hits: InstructionHits;
  #at: { readonly address: bigint; readonly claim: CpuClaim } | undefined;

  constructor(parts: XmonParts, claims: CpuClaims, hits: InstructionHits) {
    this.#parts = parts;
    this.#claims = claims;
    this.#hits = hits;
  }

  set(address: bigint): void {
    try {
      const claim = this.#claimFirst(address);
      this.clear();
      this.#at = { address, claim };
    } catch (error) {
      throw refusalOf(error);
    }
  }

  clear(): void {
    this.#at?.claim.release();
    this.#at = undefined;
  }

  /** Where no register is free, that of the old one becomes free first. */
  #claimFirst(address: bigint): CpuClaim {
    const before = this.#at;
    try {
      return this.#claim(address);
    } catch (error) {
      if (before === undefined || !(error instanceof KernelError) || error.errno !== 'ENOSPC') throw error;
    }
    this.clear();
    try {
      return this.#claim(address);
    } catch (error) {
      this.#at = { address: before.address, claim: this.#claim(before.address) };
      throw error;
    }
  }

  #claim(bp_addr: bigint): CpuClaim {
    const { executeLength, wordSize } = this.#parts.manifest;
    const attr = { bp_type: HW_BREAKPOINT_X, bp_addr, bp_len: executeLength ?? wordSize };
    return this.#claims.claim(attr, (hit) => this.#hits.reached(hit));
  }
}

/** How this CPU watches an instruction in hardware; `undefined`: it cannot. */
export function instructionPoint(
  parts: XmonParts,
  claims: CpuClaims,
  hits: InstructionHits,
): InstructionPoint | undefined {
  const { instruction, manifest } = parts;
  if (instruction !== undefined) return new OwnRegister(instruction, hits);
  if (!manifest.access.includes('x') || manifest.slots.instruction === 0) return undefined;
  return new ExecuteBreakpoint(parts, claims, hits);
}
