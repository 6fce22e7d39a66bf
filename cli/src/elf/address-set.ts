interface Range {
  readonly address: bigint;
  readonly size: bigint;
}

/** Which addresses lie in any of some ranges, found in time that hardly grows with their number. */
export class AddressSet {
  /** First addresses, ascending, and those behind the last: ranges that touch are one. */
  readonly #starts: bigint[] = [];
  readonly #ends: bigint[] = [];

  constructor(ranges: readonly Range[]) {
    const sorted = [...ranges].sort((a, b) => (a.address < b.address ? -1 : a.address > b.address ? 1 : 0));
    for (const { address, size } of sorted) {
      const last = this.#ends.length - 1;
      const end = address + size;
      if (last < 0 || address > (this.#ends[last] as bigint)) {
        this.#starts.push(address);
        this.#ends.push(end);
      } else if (end > (this.#ends[last] as bigint)) this.#ends[last] = end;
    }
  }

  has(address: bigint): boolean {
    const at = lastUpTo(this.#starts, address, (start) => start);
    return at >= 0 && address < (this.#ends[at] as bigint);
  }
}

/** Index of the last of some things in the order of their addresses that is at or before an address; -1: none. */
export function lastUpTo<T>(sorted: readonly T[], address: bigint, addressOf: (one: T) => bigint): number {
  let [below, above] = [0, sorted.length];
  while (below < above) {
    const middle = (below + above) >>> 1;
    if (addressOf(sorted[middle] as T) <= address) below = middle + 1;
    else above = middle;
  }
  return below - 1;
}
