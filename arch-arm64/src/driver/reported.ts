import { CONDITION_FETCH, CONDITION_READ, CONDITION_WRITE, type Occupant } from '@hwbp/core';
import type { Arm64Breakpoint } from './arm64-breakpoint.js';

type Occupants = readonly (Occupant<Arm64Breakpoint> | undefined)[];

/** The top byte of a user address is a tag, which is no part of it. */
function untagged(address: bigint): bigint {
  return BigInt.asUintN(64, BigInt.asIntN(56, address));
}

/** Bytes between an address and the bytes that a breakpoint watches; 0: it is one of them. */
function distance(far: bigint, { address, length }: Arm64Breakpoint): bigint {
  if (far < address) return address - far;
  const last = address + BigInt(length) - 1n;
  return far > last ? far - last : 0n;
}

/**
 * Whose hit a watchpoint exception is, by what FAR and WnR say (Linux: watchpoint_handler): those that watch the
 * reported address, or, where none does, the nearest.
 */
export function nearestWatchpoints<T>(
  candidates: readonly T[],
  infoOf: (candidate: T) => Arm64Breakpoint,
  far: bigint,
  write: boolean,
): T[] {
  const condition = write ? CONDITION_WRITE : CONDITION_READ;
  const at = untagged(far);
  const exact: T[] = [];
  let nearest: T | undefined;
  let least: bigint | undefined;
  for (const candidate of candidates) {
    const info = infoOf(candidate);
    if ((info.conditions & condition) === 0) continue;
    const away = distance(at, info);
    if (away === 0n) exact.push(candidate);
    if (least !== undefined && away >= least) continue;
    least = away;
    nearest = candidate;
  }
  return exact.length > 0 || nearest === undefined ? exact : [nearest];
}

/** Whether a breakpoint exception at an instruction can be its hit (Linux: breakpoint_handler). */
export function matchesBreakpoint({ conditions, base, bas }: Arm64Breakpoint, pc: bigint): boolean {
  return (conditions & CONDITION_FETCH) !== 0 && base === (pc & ~3n) && (bas & (1 << Number(pc & 3n))) !== 0;
}

/** {@link nearestWatchpoints} of those in registers. */
export function reportedWatchpoints(occupants: Occupants, far: bigint, write: boolean): Occupant<Arm64Breakpoint>[] {
  return nearestWatchpoints(occupants.filter(isThere), ({ info }) => info, far, write);
}

/** {@link matchesBreakpoint} of those in registers. */
export function reportedBreakpoints(occupants: Occupants, pc: bigint): Occupant<Arm64Breakpoint>[] {
  return occupants.filter(isThere).filter(({ info }) => matchesBreakpoint(info, pc));
}

function isThere(occupant: Occupant<Arm64Breakpoint> | undefined): occupant is Occupant<Arm64Breakpoint> {
  return occupant !== undefined;
}
