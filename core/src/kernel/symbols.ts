/** A named range of addresses. */
export interface KernelSymbol {
  readonly name: string;
  readonly address: bigint;
  /** Bytes; 0 if unknown. */
  readonly size: number;
  /**
   * `function`: of the kernel's text. `object`: a variable. Default: nobody says; debuggers then know it as a number.
   */
  readonly type?: 'function' | 'object';
}

/** Where an address lies. */
export interface Location {
  readonly symbol: KernelSymbol;
  /** Bytes from the symbol's address. */
  readonly offset: number;
}

/** Names to addresses and back: what kallsyms is to Linux. */
export interface SymbolTable {
  /** The symbol of that name. */
  lookup(name: string): KernelSymbol | undefined;
  /** The symbol that contains the address: the nearest below it, if its size (when known) reaches that far. */
  resolve(address: bigint): Location | undefined;
  /** Every symbol, by address. */
  readonly symbols: readonly KernelSymbol[];
}

function checkSymbol(symbol: unknown, index: number): void {
  const { name, address, size, type } = (symbol ?? {}) as Partial<KernelSymbol>;
  const write = "each is { name: 'jiffies', address: 0x1000n, size: 8 }";
  if (typeof name !== 'string' || typeof address !== 'bigint' || typeof size !== 'number') {
    throw new TypeError(`symbols is a list of { name, address, size }: ${write}, but number ${index} is not`);
  }
  if (type === undefined || type === 'function' || type === 'object') return;
  throw new TypeError(`the type of a symbol is 'function' or 'object', and that of ${name} is ${String(type)}`);
}

/**
 * A symbol table made from a list. Of several symbols of one name the first counts; of one address, the one listed
 * first.
 */
export class StaticSymbolTable implements SymbolTable {
  readonly symbols: readonly KernelSymbol[];
  readonly #byName = new Map<string, KernelSymbol>();

  constructor(symbols: Iterable<KernelSymbol>) {
    const list = [...symbols];
    for (const [index, symbol] of list.entries()) checkSymbol(symbol, index);
    for (const symbol of list) if (!this.#byName.has(symbol.name)) this.#byName.set(symbol.name, symbol);
    this.symbols = Object.freeze(list.sort((a, b) => (a.address < b.address ? -1 : a.address > b.address ? 1 : 0)));
  }

  lookup(name: string): KernelSymbol | undefined {
    return this.#byName.get(name);
  }

  resolve(address: bigint): Location | undefined {
    let below = 0;
    let above = this.symbols.length;
    while (below < above) {
      const middle = (below + above) >>> 1;
      if ((this.symbols[middle] as KernelSymbol).address <= address) below = middle + 1;
      else above = middle;
    }
    // Several symbols may begin at one address, or a sizeless label may lie inside a function: look back a little.
    let fallback: Location | undefined;
    for (let i = below - 1; i >= 0 && i >= below - 8; i--) {
      const symbol = this.symbols[i] as KernelSymbol;
      const offset = Number(address - symbol.address);
      if (symbol.size > 0 && offset < symbol.size) {
        const first = this.symbols[i - 1];
        if (first !== undefined && first.address === symbol.address && offset < first.size) continue;
        return { symbol, offset };
      }
      if (symbol.size === 0 && fallback === undefined && offset < 0x10_0000) fallback = { symbol, offset };
    }
    return fallback;
  }
}

/** Several tables as one: the first one that knows a name or contains an address answers. */
export class SymbolTables implements SymbolTable {
  readonly #tables: readonly SymbolTable[];

  constructor(tables: readonly SymbolTable[]) {
    this.#tables = [...tables];
  }

  get symbols(): readonly KernelSymbol[] {
    const all = this.#tables.flatMap(({ symbols }) => symbols);
    return all.sort((a, b) => (a.address < b.address ? -1 : a.address > b.address ? 1 : 0));
  }

  lookup(name: string): KernelSymbol | undefined {
    for (const table of this.#tables) {
      const symbol = table.lookup(name);
      if (symbol !== undefined) return symbol;
    }
    return undefined;
  }

  resolve(address: bigint): Location | undefined {
    const found = this.#tables.flatMap((table) => table.resolve(address) ?? []);
    return found.find(({ symbol, offset }) => offset < symbol.size) ?? found[0];
  }
}

/** `name+0xoffset`, `name` at offset 0, or the bare hexadecimal address if no symbol contains it. */
export function symbolize(symbols: SymbolTable, address: bigint): string {
  const location = symbols.resolve(address);
  if (location === undefined) return `0x${address.toString(16)}`;
  const { symbol, offset } = location;
  return offset === 0 ? symbol.name : `${symbol.name}+0x${offset.toString(16)}`;
}
