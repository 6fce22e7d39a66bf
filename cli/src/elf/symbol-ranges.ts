import type { Location } from '@hwbp/core';
import { byPreference, isBorder } from './best-alias.js';
import type { ElfSymbol } from './elf-symbols.js';

/** What one symbol owns. */
interface Range {
  readonly symbol: ElfSymbol;
  /** First address behind it. */
  readonly end: bigint;
}

/** The symbols of one address, the one that a person would choose first. */
interface Place {
  readonly address: bigint;
  readonly ranges: readonly Range[];
  /** Highest end of a symbol with a size that begins here; 0 if there is none. */
  readonly reach: bigint;
  /** The last place before with a symbol that contains this one; -1 if there is none. */
  readonly around: number;
}

/**
 * Whose an address is. A symbol with a size owns that, but nothing behind its section; one without a size owns what is
 * up to the next symbol, the end of its section and of the symbol that it lies in. What belongs to nobody has no name:
 * a wrong one is worse than none.
 */
export class SymbolRanges {
  readonly #places: readonly Place[];

  /** `written`: how a name is shown. */
  constructor(symbols: readonly ElfSymbol[], written: (symbol: ElfSymbol) => string) {
    const byAddress = new Map<bigint, ElfSymbol[]>();
    for (const symbol of symbols) {
      if (isBorder(symbol)) continue;
      const here = byAddress.get(symbol.address);
      if (here === undefined) byAddress.set(symbol.address, [symbol]);
      else here.push(symbol);
    }
    const starts = [...byAddress].sort(([a], [b]) => (a < b ? -1 : 1));
    const places: Place[] = [];
    for (const [i, [address, here]] of starts.entries()) {
      const around = innermost(places, address);
      const next = starts[i + 1]?.[0];
      const ranges = here.sort(byPreference(written)).map((symbol) => ({ symbol, end: endOf(symbol, next, around) }));
      let reach = 0n;
      for (const { symbol, end } of ranges) if (symbol.size > 0 && end > reach) reach = end;
      let outer = places.length - 1;
      while (outer >= 0 && (places[outer] as Place).reach <= address) outer = (places[outer] as Place).around;
      places.push({ address, ranges, reach, around: outer });
    }
    this.#places = places;
  }

  /** The symbol that owns an address. */
  find(address: bigint): Location | undefined {
    const sized = innermost(this.#places, address);
    const below = this.#places[lastUpTo(this.#places, address)];
    const found = sized ?? below?.ranges.find(({ end }) => address < end);
    return found === undefined ? undefined : { symbol: found.symbol, offset: Number(address - found.symbol.address) };
  }
}

function endOf(symbol: ElfSymbol, next: bigint | undefined, around: Range | undefined): bigint {
  const { address, size, end } = symbol;
  if (size > 0) return least(address + BigInt(size), end > address ? end : undefined);
  return least(end, next, around?.end);
}

function least(first: bigint, ...others: readonly (bigint | undefined)[]): bigint {
  return others.reduce<bigint>((low, other) => (other !== undefined && other < low ? other : low), first);
}

/** Index of the last place at or before an address; -1 if there is none. */
function lastUpTo(places: readonly Place[], address: bigint): number {
  let [below, above] = [0, places.length];
  while (below < above) {
    const middle = (below + above) >>> 1;
    if ((places[middle] as Place).address <= address) below = middle + 1;
    else above = middle;
  }
  return below - 1;
}

/** Of the symbols with a size that contain an address, the one that begins last. */
function innermost(places: readonly Place[], address: bigint): Range | undefined {
  for (let i = lastUpTo(places, address); i >= 0; i = (places[i] as Place).around) {
    const found = (places[i] as Place).ranges.find(({ symbol, end }) => symbol.size > 0 && address < end);
    if (found !== undefined) return found;
  }
  return undefined;
}
