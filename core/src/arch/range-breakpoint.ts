import { type Access, CONDITION_FETCH, CONDITION_READ, CONDITION_WRITE } from '../hardware/index.js';
import type { ArchBreakpoint } from './cpu-driver.js';

/** A validated request in the terms of most chips: a range, and what is watched in it. `parseRange` makes it. */
export interface RangeBreakpoint extends ArchBreakpoint {
  /** `CONDITION_READ`, `_WRITE` and `_FETCH`. */
  readonly conditions: number;
  /** Halves of the address, for registers. */
  readonly hi: number;
  readonly lo: number;
}

/** True if it watches the execution of an instruction. */
export function watchesExecution({ conditions }: Pick<RangeBreakpoint, 'conditions'>): boolean {
  return (conditions & CONDITION_FETCH) !== 0;
}

/**
 * True if an access loads or stores what a breakpoint watches, its range widened to whole blocks of `grain` bytes, a
 * power of two. Accesses to ports never are.
 */
export function accessTouches(
  { kind, space, address: at, size }: Access,
  { address, length, conditions }: Pick<RangeBreakpoint, 'address' | 'length' | 'conditions'>,
  grain = 1,
): boolean {
  if (space === 'port') return false;
  const loads = kind !== 'write' && (conditions & CONDITION_READ) !== 0;
  const stores = kind !== 'read' && (conditions & CONDITION_WRITE) !== 0;
  if (!loads && !stores) return false;
  const block = BigInt(grain);
  const first = address - (address % block);
  const end = address + BigInt(length) + block - 1n;
  return at < end - (end % block) && at + BigInt(size) > first;
}
