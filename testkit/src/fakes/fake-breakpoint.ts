import {
  type ArchManifest,
  type HwBreakpointAttr,
  highHalf,
  lowHalf,
  parseRange,
  type RangeBreakpoint,
  watchesExecution,
} from '@hwbp/core';

/** A validated request in the encoding of the fakes: what was asked, and what the register is programmed with. */
export interface FakeBreakpoint extends RangeBreakpoint {
  /** What the hardware watches: with a granule, or a grain, more than was asked. First byte in halves, and bytes. */
  readonly watched: { readonly hi: number; readonly lo: number; readonly length: number };
}

/** Longer ranges are powers of two, at multiples of themselves. */
function isPowerAtMultiple(address: bigint, length: bigint): boolean {
  return length >= 16n && (length & (length - 1n)) === 0n && address % length === 0n;
}

/** Validates by the manifest alone. */
export function parseFake(attr: HwBreakpointAttr, manifest: ArchManifest): FakeBreakpoint {
  const parsed = parseRange(attr, manifest, isPowerAtMultiple);
  const block = BigInt(watchesExecution(parsed) ? manifest.executeGrain : manifest.grain);
  const first = parsed.address - (parsed.address % block);
  const behind = parsed.address + BigInt(parsed.length) + block - 1n;
  const length = Number(behind - (behind % block) - first);
  return { ...parsed, watched: { hi: highHalf(first), lo: lowHalf(first), length } };
}
