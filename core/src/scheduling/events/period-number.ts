/** Periods have at most 63 bits. */
const MOST = 2 ** 63;

/** A period as a number: the nearest that is on the same side of bit 63. */
export function periodNumber(period: number | bigint): number {
  const number = Number(period);
  return typeof period === 'bigint' && period < 1n << 63n && number >= MOST ? MOST - 1024 : number;
}
