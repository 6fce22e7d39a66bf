import { Refusal } from '../refusal.js';

/** Where names come from. */
export interface Names {
  symbol(name: string): bigint | undefined;
  register(name: string): bigint | undefined;
}

const HEX = /^(?:0x)?([0-9a-f]{1,16})$/i;
const OFFSET = /^(.+)([+-])(?:0x)?([0-9a-f]{1,16})$/i;

/** The arguments of a command, one after the other. */
export class Scanner {
  readonly #words: string[];
  readonly #names: Names;

  constructor(text: string, names: Names) {
    this.#words = text.split(/\s+/).filter((word) => word !== '');
    this.#names = names;
  }

  /** True if there is no further argument. */
  get done(): boolean {
    return this.#words.length === 0;
  }

  /** The next argument; `undefined`: there is none. */
  word(): string | undefined {
    return this.#words.shift();
  }

  /**
   * The next argument as an address, of 64 bits: hexadecimal digits, `$symbol` (or a name that is no number),
   * `%register`, and an offset behind it. `undefined`: there is none.
   */
  address(): bigint | undefined {
    const word = this.word();
    if (word === undefined) return undefined;
    const whole = this.#term(word);
    if (whole !== undefined) return whole;
    const [, base = '', sign, offset = ''] = OFFSET.exec(word) ?? [];
    const from = sign === undefined ? undefined : this.#term(base);
    if (from === undefined) {
      throw new Refusal(`'${word}' is no address: hexadecimal digits, a symbol, or a register such as %pc`);
    }
    const distance = BigInt(`0x${offset}`);
    return BigInt.asUintN(64, sign === '-' ? from - distance : from + distance);
  }

  /** The next argument as a hexadecimal number. `undefined`: there is none. */
  number(what: string): bigint | undefined {
    const word = this.word();
    if (word === undefined) return undefined;
    const [, found] = HEX.exec(word) ?? [];
    if (found === undefined) throw new Refusal(`'${word}' is no ${what}: hexadecimal digits`);
    return BigInt(`0x${found}`);
  }

  /** Refuses what is left. */
  end(): void {
    if (!this.done) throw new Refusal(`'${this.#words.join(' ')}' is too much: type ? for help`);
  }

  #term(word: string): bigint | undefined {
    const [, found] = HEX.exec(word) ?? [];
    if (found !== undefined) return BigInt(`0x${found}`);
    if (word.startsWith('%')) return this.#names.register(word.slice(1));
    return this.#names.symbol(word.startsWith('$') ? word.slice(1) : word);
  }
}
