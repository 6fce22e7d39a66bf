import {
  type ArchManifest,
  type Assembly,
  HW_BREAKPOINT_R,
  HW_BREAKPOINT_RW,
  HW_BREAKPOINT_W,
  HW_BREAKPOINT_X,
} from '@hwbp/core';
import type { ScenarioWatch } from '../scenario.js';

/** What a watch asks of registers. */
export interface WatchSetting {
  readonly bp_type: number;
  readonly bp_addr: bigint;
  readonly bp_len: number;
}

const TYPES = { w: HW_BREAKPOINT_W, rw: HW_BREAKPOINT_RW, r: HW_BREAKPOINT_R, x: HW_BREAKPOINT_X } as const;

/**
 * What a watch means by its symbol: of a variable all of its bytes, where a register can have as many. What no register
 * can have is for the kernel to refuse.
 */
export function settingOf(
  { symbol: name, offset = 0, length, access }: ScenarioWatch,
  assembly: Assembly,
  { executeLength = 8, dataLengths }: ArchManifest,
): WatchSetting {
  const symbol = assembly.symbols.find((one) => one.name === name);
  const size = Math.max(1, (symbol?.size ?? 8) - offset);
  const fitting = dataLengths.filter((one) => one <= Math.min(size, 8)).at(-1) ?? 8;
  return {
    bp_type: TYPES[access],
    bp_addr: assembly.resolve(name) + BigInt(offset),
    bp_len: length ?? (access === 'x' ? executeLength : fitting),
  };
}
