/** A 64-bit value as transcripts write it: `0x` and lower-case digits. */
export function hexValue(value: bigint): string {
  return `0x${BigInt.asUintN(64, value).toString(16)}`;
}
