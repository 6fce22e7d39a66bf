/** A range of addresses. */
export interface Extent {
  readonly address: bigint;
  readonly size: bigint;
}

/** What is in some ranges, which do not overlap, and in none of others; from the lowest address on. */
export function subtract(ranges: readonly Extent[], others: readonly Extent[]): Extent[] {
  const byAddress = (a: Extent, b: Extent): number => (a.address < b.address ? -1 : a.address > b.address ? 1 : 0);
  const holes = [...others].sort(byAddress);
  const left: Extent[] = [];
  let next = 0;
  for (const { address, size } of [...ranges].sort(byAddress)) {
    const end = address + size;
    let from = address;
    for (; next < holes.length; next++) {
      const hole = holes[next] as Extent;
      if (hole.address >= end) break;
      if (hole.address > from) left.push({ address: from, size: hole.address - from });
      if (hole.address + hole.size > from) from = hole.address + hole.size;
    }
    if (from < end) left.push({ address: from, size: end - from });
  }
  return left;
}
