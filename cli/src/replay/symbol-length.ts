import type { ArchManifest, KernelSymbol } from '@hwbp/core';
import { usageError } from '../errors.js';

/** Bytes watched where neither the command line nor a symbol says how many. */
export const DEFAULT_LENGTH = 4;

/**
 * A variable's own size, if one register can watch it whole; 4 for a symbol without a size. Throws a usage error that
 * names parts of it, as `part` writes them.
 */
export function symbolLength(
  { name, size, address }: KernelSymbol,
  manifest: ArchManifest,
  at: string,
  part: (offset: number, length: number) => string,
): number {
  if (size === 0) return DEFAULT_LENGTH;
  if (manifest.dataLengths.includes(size) || manifest.dataLengths.length === 0) return size;
  const length = manifest.dataLengths.findLast((one) => one <= size && address % BigInt(one) === 0n) ?? 1;
  const last = size - length - (size % length);
  throw usageError(
    `${at}: ${name} has ${size} bytes, more than one register can watch`,
    `name the part: ${part(0, length)} (its first ${length} bytes) to ${part(last, length)}`,
  );
}

/** `+0` behind a name, before the length and what follows colons. */
const ZERO = /\+(?:0x)?0+(?:\/\w+)?(?::\w*)*$/i;

/** True if an offset is written in a watch or an event, though it may be 0: then a part is meant, and not the whole. */
export function writesOffset(text: string, offset: bigint): boolean {
  return offset !== 0n || ZERO.test(text);
}
