import type { Location } from '@hwbp/core';
import { lastUpTo } from './address-set.js';
import { byPreference, isBorder } from './best-alias.js';
import type { ElfSymbol } from './elf-symbols.js';

/** What one symbol claims. */
interface Claim {
  readonly symbol: ElfSymbol;
  /** First address behind it. */
  readonly end: bigint;
}

/** Whose the addresses from one on are, up to the next piece. */
interface Piece {
  readonly address: bigint;
  readonly owner: ElfSymbol | undefined;
}

/**
 * Whose an address is. A symbol with a size owns that, but nothing behind its section; one without a size owns what is
 * up to the next symbol, the end of its section and of the symbol that it lies in. What belongs to nobody has no name:
 * a wrong one is worse than none.
 */
export class SymbolRanges {
  /** In the order of addresses: an address is looked for, and nothing else is, however symbols lie in each other. */
  readonly #pieces: Piece[] = [];

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
    // What claims the address that the sweep has come to; what begins last, and is preferred, on top.
    const claims: Claim[] = [];
    for (const [i, [address, here]] of starts.entries()) {
      this.#sweep(claims, address);
      const sorted = here.length > 1 ? byPreference(here, written) : here;
      const labels = claims.length > 0 ? [] : sorted.filter(({ size }) => size === 0);
      const sized = sorted.filter(({ size }) => size > 0);
      const next = starts[i + 1]?.[0];
      for (const symbol of [...sized, ...labels].reverse()) {
        const end = symbol.size > 0 ? endOf(symbol) : next !== undefined && next < symbol.end ? next : symbol.end;
        if (end > address) claims.push({ symbol, end });
      }
      this.#pieces.push({ address, owner: claims.at(-1)?.symbol });
    }
    this.#sweep(claims, undefined);
  }

  /** The symbol that owns an address. */
  find(address: bigint): Location | undefined {
    const owner = this.#pieces[lastUpTo(this.#pieces, address, (piece) => piece.address)]?.owner;
    return owner === undefined ? undefined : { symbol: owner, offset: Number(address - owner.address) };
  }

  /** Takes away what ends before an address, or all, and notes who owns what is behind it. */
  #sweep(claims: Claim[], until: bigint | undefined): void {
    for (let top = claims.at(-1); top !== undefined && (until === undefined || top.end <= until); ) {
      const { end } = top;
      while (top !== undefined && top.end <= end) {
        claims.pop();
        top = claims.at(-1);
      }
      this.#pieces.push({ address: end, owner: top?.symbol });
    }
  }
}

function endOf({ address, size, end }: ElfSymbol): bigint {
  const own = address + BigInt(size);
  return end > address && end < own ? end : own;
}
