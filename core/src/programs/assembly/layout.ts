import { hex } from '../../hardware/index.js';
import { AssemblyError } from './assembly-error.js';
import type { Expression, InstructionItem, Item, LabelItem, Place } from './item.js';
import { operationOf } from './operations.js';

/** A label of an assembly, at its address. */
export interface AssemblySymbol {
  readonly name: string;
  readonly address: bigint;
  /** Bytes up to the next one, or to the end of the text or the data. */
  readonly size: number;
  /** `function`: of the text. `object`: of the data. */
  readonly kind: 'function' | 'object';
  /** Bytes of each of the values that it names: of data as it was written, of zeroes 8 where they are as many. */
  readonly width: number;
}

/** Where an assembly lies. */
export interface LayoutOptions {
  /** What it is called in messages. */
  readonly name: string;
  /** Address of the first instruction. */
  readonly text: bigint;
  /** Address of the first byte of the data; `undefined`: where the next 64 KiB begin behind the text. */
  readonly data: bigint | undefined;
  /** Bytes of an instruction. */
  readonly length: number;
  /** Names with a value, as symbols are written. */
  readonly defines: Readonly<Record<string, bigint>>;
}

/** Instructions, and bytes of data, of an assembly. */
const MOST_INSTRUCTIONS = 1 << 16;
const MOST_DATA = 1 << 24;
/** Data begins on a page of its own, whatever the size of pages is. */
const PAGE = 1n << 16n;
const ADDRESSES = 1n << 64n;

/** Values of the data, by offset: filled in once every symbol has its address. */
interface DataPiece {
  readonly offset: number;
  readonly size: number;
  readonly values: readonly Expression[];
  readonly scope: string;
  readonly place: Place;
}

interface PlacedLabel {
  readonly name: string;
  readonly kind: AssemblySymbol['kind'];
  readonly offset: number;
  readonly width: number;
  readonly place: Place;
}

/**
 * Gives everything of an assembly its address. Throws an {@link AssemblyError} for names that are not there, or twice.
 */
export class Layout {
  readonly name: string;
  readonly text: bigint;
  readonly data: bigint;
  /** Bytes of an instruction. */
  readonly length: number;
  /** The instructions in their order, each with the label that its local labels belong to. */
  readonly instructions: readonly { readonly item: InstructionItem; readonly scope: string }[];
  readonly pieces: readonly DataPiece[];
  /** Bytes of the data. */
  readonly size: number;
  /** The labels that are not local, by address. */
  readonly symbols: readonly AssemblySymbol[];
  readonly #values = new Map<string, bigint>();

  constructor(items: readonly Item[], options: LayoutOptions) {
    const walked = new Walk(options.name, options.length);
    for (const item of items) walked.take(item);
    walked.end();
    const { instructions, pieces, labels } = walked;
    const textSize = instructions.length * options.length;
    this.name = options.name;
    this.text = options.text;
    this.length = options.length;
    this.data = options.data ?? (options.text + BigInt(textSize) + PAGE - 1n) & -PAGE;
    this.instructions = instructions;
    this.pieces = pieces;
    this.size = walked.dataSize;
    this.#checkPlace(textSize);
    for (const [name, value] of Object.entries(options.defines)) this.#values.set(name, value);
    for (const { name, kind, offset, place } of labels) {
      if (this.#values.has(name)) throw this.#error(place, `there are two of the name '${name}'`);
      this.#values.set(name, (kind === 'function' ? this.text : this.data) + BigInt(offset));
    }
    this.symbols = [...this.#sized(labels, 'function', textSize), ...this.#sized(labels, 'object', this.size)];
  }

  /** The value of an expression that stands behind the label `scope`. */
  value({ symbol, addend }: Expression, scope: string, place: Place): bigint {
    if (symbol === undefined) return BigInt.asUintN(64, addend);
    const value = this.#values.get(symbol.startsWith('.') ? scope + symbol : symbol);
    if (value === undefined) throw this.#error(place, `there is no symbol '${symbol}'`);
    return BigInt.asUintN(64, value + addend);
  }

  #sized(labels: readonly PlacedLabel[], kind: AssemblySymbol['kind'], end: number): AssemblySymbol[] {
    const here = labels.filter((label) => label.kind === kind && !isLocal(label.name));
    const base = kind === 'function' ? this.text : this.data;
    return here.map(({ name, offset, width }) => {
      const next = here.find((other) => other.offset > offset)?.offset ?? end;
      return Object.freeze({ name, address: base + BigInt(offset), size: next - offset, kind, width });
    });
  }

  #checkPlace(textSize: number): void {
    const [textEnd, dataEnd] = [this.text + BigInt(textSize), this.data + BigInt(this.size)];
    const inside = this.text >= 0n && this.data >= 0n && textEnd <= ADDRESSES && dataEnd <= ADDRESSES;
    if (inside && this.text >> 32n === (textEnd - 1n) >> 32n) {
      if (this.size === 0 || textEnd <= this.data || dataEnd <= this.text) return;
      throw new TypeError(`${this.name}: its data at ${hex(this.data)} overlaps its text at ${hex(this.text)}`);
    }
    throw new TypeError(`${this.name}: text at ${hex(this.text)} crosses a multiple of 4 GiB, or the last address`);
  }

  #error(place: Place, message: string): AssemblyError {
    return new AssemblyError(this.name, place, message);
  }
}

const isLocal = (name: string): boolean => name.includes('.');

/** Goes through the items once, and counts. */
class Walk {
  readonly instructions: { item: InstructionItem; scope: string }[] = [];
  readonly pieces: DataPiece[] = [];
  readonly labels: PlacedLabel[] = [];
  dataSize = 0;
  readonly #name: string;
  readonly #length: number;
  /** Labels of what comes next. */
  #waiting: LabelItem[] = [];
  #scope = '';

  constructor(name: string, length: number) {
    this.#name = name;
    this.#length = length;
  }

  take(item: Item): void {
    if (item.kind === 'label') {
      this.#waiting.push(item);
      return;
    }
    if (item.kind === 'align') {
      this.#align(item.size, item);
      return;
    }
    if (item.kind === 'instruction') {
      this.#place('function', this.instructions.length * this.#length, this.#length);
      if (this.instructions.push({ item, scope: this.#scope }) <= MOST_INSTRUCTIONS) return;
      throw this.#error(item, `an assembly has at most ${MOST_INSTRUCTIONS} instructions`);
    }
    if (item.kind === 'data') this.#align(item.size, item);
    const offset = this.dataSize;
    this.#place('object', offset, item.kind === 'data' ? item.size : item.size % 8 === 0 ? 8 : 1);
    if (item.kind === 'data') this.pieces.push({ offset, ...item, scope: this.#scope, place: item });
    this.#grow(item.kind === 'data' ? item.size * item.values.length : item.size, item);
  }

  end(): void {
    const [left] = this.#waiting;
    if (left !== undefined) throw this.#error(left, `nothing follows the label '${left.name}'`);
    const last = this.instructions.at(-1)?.item;
    if (last === undefined) throw this.#error({ line: 1, column: 1 }, 'expected an instruction: there is none');
    if (operationOf(last.mnemonic)?.ends === true) return;
    throw this.#error(last, `execution goes on behind the last instruction: end with ret, jmp or exit`);
  }

  #place(kind: AssemblySymbol['kind'], offset: number, width: number): void {
    for (const { name, line, column } of this.#waiting) {
      if (isLocal(name) && !name.startsWith('.'))
        throw this.#error({ line, column }, `a label has a point only in front, where it is a local one: '${name}'`);
      if (!isLocal(name)) this.#scope = name;
      this.labels.push({
        name: isLocal(name) ? this.#scope + name : name,
        kind,
        offset,
        width,
        place: { line, column },
      });
    }
    this.#waiting = [];
  }

  #align(size: number, place: Place): void {
    if (size < 1 || size > MOST_DATA || (size & (size - 1)) !== 0)
      throw this.#error(place, `data is aligned to a power of two, got ${size}`);
    this.#grow(-this.dataSize & (size - 1), place);
  }

  #grow(bytes: number, place: Place): void {
    this.dataSize += bytes;
    if (this.dataSize > MOST_DATA) throw this.#error(place, `an assembly has at most ${MOST_DATA} bytes of data`);
  }

  #error(place: Place, message: string): AssemblyError {
    return new AssemblyError(this.#name, place, message);
  }
}
