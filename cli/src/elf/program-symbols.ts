import { type KernelSymbol, type Location, StaticSymbolTable, type SymbolTable } from '@hwbp/core';
import type { DebugInformation } from '../dwarf/debug-information.js';
import { AddressSet } from './address-set.js';
import { type ElfSymbol, type Placeless, withoutVersion } from './elf-symbols.js';
import { asItIs, type Demangle } from './mangled.js';
import type { ElfFile } from './read-elf.js';
import { SymbolRanges } from './symbol-ranges.js';

/** What symbols are made of. */
export type SymbolParts = Pick<ElfFile, 'places' | 'placeless' | 'image' | 'debugInformation'>;

/**
 * A program's symbols where it was loaded. Unlike a kernel's table it says nothing of addresses outside the program:
 * code of shared libraries is not `_end+0x3c167d0`. Names of C++ and Rust are shown, and found, as people write them.
 */
export class ProgramSymbols implements SymbolTable {
  /** Run-time addresses minus the linker's. */
  readonly bias: bigint;
  readonly #elf: SymbolParts;
  readonly #demangle: Demangle;
  readonly #table: StaticSymbolTable;
  readonly #ranges: SymbolRanges;
  readonly #image: AddressSet;
  readonly #written = new Map<string, string>();
  #byName: ReadonlyMap<string, readonly KernelSymbol[]> | undefined;
  #byWritten: ReadonlyMap<string, readonly KernelSymbol[]> | undefined;

  /** `bias`: run-time addresses minus the linker's. */
  constructor(elf: SymbolParts, bias = 0n, demangle: Demangle = asItIs) {
    this.bias = bias;
    this.#elf = elf;
    this.#image = new AddressSet(elf.image);
    this.#demangle = demangle;
    this.#table = new StaticSymbolTable(
      elf.places.filter(isMeant).map(({ name, address, size }) => ({ name, address: this.loaded(address), size })),
    );
    this.#ranges = new SymbolRanges(elf.places, ({ name }) => this.written(name));
  }

  get symbols(): readonly KernelSymbol[] {
    return this.#table.symbols;
  }

  lookup(name: string): KernelSymbol | undefined {
    return this.#table.lookup(name) ?? this.named(name)[0];
  }

  /**
   * Every symbol of that name: static variables of several files may share one. A name as the linker has it, with or
   * without its version (`stdout@GLIBC_2.2.5`), or as people write it, with or without the parameters of a function.
   */
  named(name: string): readonly KernelSymbol[] {
    const [plain = '', version] = name.split(/@+(?!plt$)/, 2);
    const found =
      version === undefined
        ? (this.#named().get(name) ?? [])
        : this.#elf.places
            .filter(
              (place) =>
                isMeant(place) && place.name === plain && (place.version === undefined || place.version === version),
            )
            .map(({ address, size }) => ({ name, address: this.loaded(address), size }));
    const all = found.length > 0 ? found : (this.#writtenNames().get(name.replaceAll(/\s+/g, ' ')) ?? []);
    const seen = new Set<bigint>();
    return all.filter(({ address }) => !seen.has(address) && seen.add(address));
  }

  /** Every name as people write it. */
  names(): Iterable<string> {
    return this.#writtenNames().keys();
  }

  /** Why a name of the program is no place in its memory. */
  placeless(name: string): Placeless | undefined {
    const { placeless } = this.#elf;
    const known = placeless.get(withoutVersion(name));
    if (known !== undefined) return known;
    for (const [mangled, why] of placeless) {
      const written = this.written(mangled);
      if (written === name || withoutParameters(written) === name || written.endsWith(`::${name}`)) return why;
    }
    return undefined;
  }

  /** See `ElfFile`: addresses are the linker's. */
  debugInformation(): DebugInformation {
    return this.#elf.debugInformation();
  }

  resolve(address: bigint): Location | undefined {
    const linked = BigInt.asUintN(64, address - this.bias);
    if (!this.#image.has(linked)) return undefined;
    const found = this.#ranges.find(linked);
    if (found === undefined) return undefined;
    const { name, size } = found.symbol;
    return {
      symbol: { name: this.written(name), address: address - BigInt(found.offset), size },
      offset: found.offset,
    };
  }

  /** True if an address lies in what the program has in memory. */
  contains(address: bigint): boolean {
    return this.#image.has(BigInt.asUintN(64, address - this.bias));
  }

  /** Where an address of the linker was loaded. */
  loaded(address: bigint): bigint {
    return BigInt.asUintN(64, address + this.bias);
  }

  /** A name as people write it. */
  written(name: string): string {
    let written = this.#written.get(name);
    if (written === undefined) {
      written = this.#demangle(name);
      this.#written.set(name, written);
    }
    return written;
  }

  #named(): ReadonlyMap<string, readonly KernelSymbol[]> {
    if (this.#byName !== undefined) return this.#byName;
    const names = new Map<string, KernelSymbol[]>();
    for (const symbol of this.symbols) {
      const others = names.get(symbol.name);
      if (others === undefined) names.set(symbol.name, [symbol]);
      else others.push(symbol);
    }
    this.#byName = names;
    return names;
  }

  #writtenNames(): ReadonlyMap<string, readonly KernelSymbol[]> {
    if (this.#byWritten !== undefined) return this.#byWritten;
    const names = new Map<string, KernelSymbol[]>();
    const add = (name: string, symbol: KernelSymbol): void => {
      const others = names.get(name);
      if (others === undefined) names.set(name, [{ ...symbol, name }]);
      else others.push({ ...symbol, name });
    };
    const places = new Map<string, ElfSymbol>(this.#elf.places.map((place) => [place.name, place]));
    for (const symbol of this.symbols) {
      const written = this.written(symbol.name);
      add(written, symbol);
      const short = written === symbol.name ? undefined : withoutParameters(written);
      if (short !== undefined && places.get(symbol.name)?.kind === 'function') add(short, symbol);
    }
    this.#byWritten = names;
    return names;
  }
}

/** Whether somebody who writes its name means it. */
function isMeant({ kind }: ElfSymbol): boolean {
  return kind !== 'lazy stub';
}

/** `Ledger<int>::add` of `Ledger<int>::add(int) const`; `undefined` if it has none. */
function withoutParameters(name: string): string | undefined {
  if (!endsWithParameters(name)) return undefined;
  let depth = 0;
  for (let at = name.lastIndexOf(')'); at > 0; at--) {
    if (name[at] === ')') depth++;
    if (name[at] === '(' && --depth === 0) return name.slice(0, at);
  }
  return undefined;
}

/** What may stand behind parameters. */
const QUALIFIERS = [' const', ' volatile', ' &&', ' &', ' '] as const;

/** From the end on, so that a name is looked at once, however it was made. */
function endsWithParameters(name: string): boolean {
  let end = name.length;
  while (end > 0 && name[end - 1] !== ')') {
    const qualifier = QUALIFIERS.find((one) => name.endsWith(one, end));
    if (qualifier !== undefined) end -= qualifier.length;
    else {
      const clone = name[end - 1] === ']' ? name.lastIndexOf('[', end - 1) : -1;
      if (clone < 0 || !name.startsWith('[clone ', clone)) return false;
      end = clone;
    }
  }
  return end > 0;
}
