import type { AddressSpace } from '@hwbp/core';

/** What is in memory: of more than 8 bytes the first 8, unsigned; `undefined`: nothing is mapped there. */
export function valueAt(memory: AddressSpace, address: bigint, length: number | bigint): bigint | undefined {
  return memory.isMapped(address) ? memory.readInteger(address, Math.min(8, Number(length))) : undefined;
}
