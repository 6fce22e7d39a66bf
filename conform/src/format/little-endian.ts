const WORD = 8;

/** The bytes of a 64-bit value from the lowest, over and over. */
export function littleEndian(value: bigint, length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => Number((value >> BigInt(8 * (i % WORD))) & 0xffn));
}
