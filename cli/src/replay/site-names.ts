import { hex, type SymbolTable } from '@hwbp/core';
import type { LoadedObjects } from './loaded-objects.js';

/** An instruction that is not the program's own. */
export interface OutsideSite {
  /** File name of the library that it lies in; `undefined` if nobody knows. */
  readonly object: string | undefined;
  /** Its name there; `undefined` if that is not known. */
  readonly symbol: string | undefined;
}

/** Names of places in a program, and in the libraries that are known. */
export class SiteNames {
  /** The program's. */
  readonly symbols: SymbolTable;
  readonly #objects: LoadedObjects;
  readonly #shown: (name: string) => string;

  /** `shown`: how names are written; for people, so that they are harmless. */
  constructor(symbols: SymbolTable, objects: LoadedObjects, shown: (name: string) => string) {
    this.#shown = shown;
    this.symbols = symbols;
    this.#objects = objects;
  }

  /** `symbol+0xoffset`, offset 0 included; `undefined` outside the program. */
  site(address: bigint): string | undefined {
    return this.#nameIn(this.symbols, address);
  }

  /** What is known of an instruction outside the program. */
  outside(address: bigint): OutsideSite {
    const object = this.#objects.at(address);
    return {
      object: object && this.#shown(object.name),
      symbol: object && this.#nameIn(object.symbols, address),
    };
  }

  /** A site for people: `main+0x12`, `memset+0x1a (libc.so.6)`, `0x4903f2e (libc.so.6)`, `0x4903f2e`. */
  described(address: bigint): string {
    const own = this.site(address);
    if (own !== undefined) return own;
    const { object, symbol } = this.outside(address);
    return object === undefined ? hex(address) : `${symbol ?? hex(address)} (${object})`;
  }

  /** A place in data: the bare name at offset 0; the address outside the program. */
  place(address: bigint): string {
    const location = this.symbols.resolve(address);
    return location?.offset === 0 ? this.#shown(location.symbol.name) : (this.site(address) ?? hex(address));
  }

  #nameIn(symbols: SymbolTable, address: bigint): string | undefined {
    const location = symbols.resolve(address);
    return location && `${this.#shown(location.symbol.name)}+0x${location.offset.toString(16)}`;
  }
}
