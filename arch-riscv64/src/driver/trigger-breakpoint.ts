import {
  type ArchManifest,
  type HwBreakpointAttr,
  parseRange,
  type RangeBreakpoint,
  watchesExecution,
} from '@hwbp/core';
import type { Riscv64Config } from '../options.js';
import {
  EXECUTE,
  LOAD,
  MATCH_NAPOT,
  MATCH_SHIFT,
  S_MODE,
  STORE,
  TYPE_MCONTROL,
  TYPE_MCONTROL6,
  TYPE_SHIFT,
  U_MODE,
} from '../silicon/csr.js';

/** A validated request as its trigger is written. */
export interface TriggerBreakpoint extends RangeBreakpoint {
  readonly user: boolean;
  readonly kernel: boolean;
  readonly tdata1: bigint;
  readonly tdata2: bigint;
}

/** NAPOT: a power of two at a multiple of itself. */
function isNapot(address: bigint, length: bigint): boolean {
  return (length & (length - 1n)) === 0n && address % length === 0n;
}

/** CONDITION_READ, _WRITE and _FETCH by bit. */
const BITS = [LOAD, STORE, EXECUTE] as const;

/** Validates a request and encodes it as mcontrol6 (or mcontrol), action 0, any size of access. */
export function parse(
  attr: HwBreakpointAttr,
  manifest: ArchManifest,
  { triggerType }: Riscv64Config,
): TriggerBreakpoint {
  const parsed = parseRange(attr, manifest, isNapot);
  const { address, length, conditions } = parsed;
  const user = attr.exclude_user !== true;
  const kernel = attr.exclude_kernel !== true;
  const napot = length > 1 && !watchesExecution(parsed);
  let tdata1 = BigInt(triggerType === 'mcontrol6' ? TYPE_MCONTROL6 : TYPE_MCONTROL) << TYPE_SHIFT;
  for (const [bit, mask] of BITS.entries()) if ((conditions & (1 << bit)) !== 0) tdata1 |= mask;
  if (user) tdata1 |= U_MODE;
  if (kernel) tdata1 |= S_MODE;
  if (napot) tdata1 |= BigInt(MATCH_NAPOT) << MATCH_SHIFT;
  const tdata2 = napot ? address | BigInt(length / 2 - 1) : address;
  return { ...parsed, user, kernel, tdata1, tdata2 };
}
