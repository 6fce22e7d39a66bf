/** A value in as many digits as a long of so many bytes has. */
export function digits(value: bigint, bytes: number): string {
  return BigInt.asUintN(bytes * 8, value)
    .toString(16)
    .padStart(bytes * 2, '0');
}
