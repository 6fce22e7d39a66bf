import { CONDITION_READ, CONDITION_WRITE, type Occupant } from '@hwbp/core';
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
export function reportedWatchpoints(occupants: Occupants, far: bigint, write: boolean): Occupant<Arm64Breakpoint>[] {
  const condition = write ? CONDITION_WRITE : CONDITION_READ;
  const at = untagged(far);
  const exact: Occupant<Arm64Breakpoint>[] = [];
  let nearest: Occupant<Arm64Breakpoint> | undefined;
  let least: bigint | undefined;
  for (const occupant of occupants) {
    if (occupant === undefined || (occupant.info.conditions & condition) === 0) continue;
    const away = distance(at, occupant.info);
    if (away === 0n) exact.push(occupant);
    if (least !== undefined && away >= least) continue;
    least = away;
    nearest = occupant;
  }
  return exact.length > 0 || nearest === undefined ? exact : [nearest];
}

/** Whose hit a breakpoint exception at an instruction is (Linux: breakpoint_handler). */
export function reportedBreakpoints(occupants: Occupants, pc: bigint): Occupant<Arm64Breakpoint>[] {
  const inWord = Number(pc & 3n);
  const matches = ({ type, base, bas }: Arm64Breakpoint): boolean =>
    type === 0 && base === (pc & ~3n) && (bas & (1 << inWord)) !== 0;
  return occupants.filter(
    (occupant) => occupant !== undefined && matches(occupant.info),
  ) as Occupant<Arm64Breakpoint>[];
}
