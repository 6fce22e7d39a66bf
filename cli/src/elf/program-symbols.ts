import { type KernelSymbol, type Location, StaticSymbolTable, type SymbolTable } from '@hwbp/core';
import type { ElfFile } from './read-elf.js';

/**
 * A program's symbols where it was loaded. Unlike a kernel's table it says nothing of addresses outside the program:
 * code of shared libraries is not `_end+0x3c167d0`.
 */
export class ProgramSymbols implements SymbolTable {
  readonly #table: StaticSymbolTable;
  readonly #image: readonly { readonly first: bigint; readonly end: bigint }[];

  /** `bias`: run-time addresses minus the linker's. */
  constructor(elf: Pick<ElfFile, 'symbols' | 'image'>, bias = 0n) {
    const load = (address: bigint): bigint => BigInt.asUintN(64, address + bias);
    this.#table = new StaticSymbolTable(elf.symbols.map((symbol) => ({ ...symbol, address: load(symbol.address) })));
    this.#image = elf.image.map(({ address, size }) => ({ first: load(address), end: load(address) + size }));
  }

  get symbols(): readonly KernelSymbol[] {
    return this.#table.symbols;
  }

  lookup(name: string): KernelSymbol | undefined {
    return this.#table.lookup(name);
  }

  /** Every symbol of that name: static variables of several files may share one. */
  named(name: string): readonly KernelSymbol[] {
    const found = this.symbols.filter((symbol) => symbol.name === name);
    return found.filter((symbol, i) => found.findIndex(({ address }) => address === symbol.address) === i);
  }

  resolve(address: bigint): Location | undefined {
    if (!this.#image.some(({ first, end }) => address >= first && address < end)) return undefined;
    return this.#table.resolve(address);
  }
}
