import { kind, requireKind, shown, TEXT, wholeNumber } from '../../errors/index.js';
import { Assembly, type AssemblyOptions } from './assembly.js';
import { formatItem } from './format.js';
import type { Expression, Item, Operand } from './item.js';
import { type Mnemonic, OPERATIONS, type Operation, SHAPES, type Shape, WIDTHS, type Width } from './operations.js';
import { type Register, registerNumber } from './registers.js';

/** An address in brackets: see {@link memory}. */
export interface MemoryOperand {
  readonly base?: Register;
  readonly symbol?: string;
  readonly offset: bigint;
}

/** What is added to the address of a symbol. */
export interface SymbolOperand {
  readonly symbol: string;
  readonly offset: bigint;
}

/** A register, a number, the name of a symbol, or that and a number. */
type Value = Register | bigint | SymbolOperand | (string & {});

/** What is written for an operand of each shape. */
interface Operands {
  readonly register: Register;
  readonly value: Value;
  readonly number: bigint;
  readonly memory: MemoryOperand;
  readonly label: string;
  readonly target: Register | (string & {});
  readonly name: string;
}

type OperandsOf<Shapes extends readonly Shape[]> = { readonly [Index in keyof Shapes]: Operands[Shapes[Index]] };
type Optional<List extends readonly unknown[]> = List extends readonly [...infer First, infer Last]
  ? readonly [...First, Last?]
  : List;
type Arguments<Of extends Operation> = Of extends { readonly optional: 1 }
  ? Optional<OperandsOf<Of['operands']>>
  : Of extends { readonly wide: true }
    ? readonly [...OperandsOf<Of['operands']>, width?: Width]
    : OperandsOf<Of['operands']>;

/** One method for each instruction, with its operands in the order in which they are written. */
type Instructions = {
  readonly [Name in Mnemonic]: (...operands: Arguments<(typeof OPERATIONS)[Name]>) => AssemblyBuilder;
};

/** Builds an assembly item by item; every method returns it. */
export interface AssemblyBuilder extends Instructions {
  /** The name of what follows. With a point in front it is a local one. */
  label(name: string): AssemblyBuilder;
  /** Numbers of 8 bytes, or of the width, and addresses of symbols, among the data. */
  data(values: readonly (bigint | string)[], width?: 'u8' | 'u16' | 'u32' | 'u64'): AssemblyBuilder;
  /** So many bytes of zeroes among the data. */
  bss(size: number): AssemblyBuilder;
  align(size: number): AssemblyBuilder;
  /** The assembly of all that. */
  assemble(options?: AssemblyOptions): Assembly;
}

/** An address: of a symbol or in a register, and what is added to it. */
export function memory(base: Register | (string & {}), offset: bigint | string = 0n): MemoryOperand {
  requireKind('base', base, TEXT);
  const isRegister = registerNumber(base) !== undefined;
  if (typeof offset === 'string') {
    if (isRegister) return { base: base as Register, symbol: offset, offset: 0n };
    throw new TypeError(`an address has one symbol: ${base} or ${offset}`);
  }
  requireKind('offset', offset, BIGINT);
  return isRegister ? { base: base as Register, offset } : { symbol: base, offset };
}

const BIGINT = kind('a bigint, such as 8n', (value) => typeof value === 'bigint');
const SIZE = wholeNumber(0, 1 << 24);
const SIZES = { u8: 1, u16: 2, u32: 4, u64: 8 } as const;
const LABEL = /^\.?[A-Za-z_][\w$]*$/;

/** Makes an empty {@link AssemblyBuilder}. */
export function assembly(): AssemblyBuilder {
  const items: Item[] = [];
  /** What a builder made has no lines of its own: each item is one. */
  const place = (): { line: number; column: number } => ({ line: items.length + 1, column: 1 });
  const builder: Record<string, unknown> = {
    label(name: string) {
      requireKind(
        'the name of a label',
        name,
        kind(
          'a name, such as counter or .loop',
          (value) => LABEL.test(String(value)) && registerNumber(String(value)) === undefined,
        ),
      );
      items.push({ kind: 'label', name, ...place() });
      return builder;
    },
    data(values: readonly (bigint | string)[], width: keyof typeof SIZES = 'u64') {
      requireKind(
        'width',
        width,
        kind('u8, u16, u32 or u64', (value) => Object.hasOwn(SIZES, String(value))),
      );
      const written = values.map((value) => expressionOf(value, 'data', SHAPES.value));
      items.push({ kind: 'data', size: SIZES[width], values: written, ...place() });
      return builder;
    },
    bss(size: number) {
      requireKind('size', size, SIZE);
      items.push({ kind: 'space', size, ...place() });
      return builder;
    },
    align(size: number) {
      requireKind('size', size, SIZE);
      items.push({ kind: 'align', size, ...place() });
      return builder;
    },
    assemble: (options: AssemblyOptions = {}) =>
      new Assembly(items, items.map((item) => `${formatItem(item)}\n`).join(''), options),
  };
  for (const [mnemonic, operation] of Object.entries<Operation>(OPERATIONS)) {
    builder[mnemonic] = (...operands: readonly unknown[]) => {
      const item = instructionOf(mnemonic as Mnemonic, operation, operands);
      items.push({ ...item, ...place() });
      return builder;
    };
  }
  return builder as unknown as AssemblyBuilder;
}

function instructionOf(mnemonic: Mnemonic, operation: Operation, given: readonly unknown[]) {
  const { operands: shapes, optional = 0, wide = false } = operation;
  const width = wide && given.length > shapes.length ? WIDTHS.indexOf(given[shapes.length] as Width) : 0;
  if (width < 0) throw new TypeError(`${mnemonic} has a width of ${WIDTHS.join(', ')}, got ${shown(given.at(-1))}`);
  const count = given.length - (wide && given.length > shapes.length ? 1 : 0);
  if (count < shapes.length - optional || count > shapes.length) {
    const takes = shapes.map((shape) => SHAPES[shape]).join(', ') || 'nothing';
    throw new TypeError(`${mnemonic} takes ${takes}; got ${count} operand(s)`);
  }
  const operands = given.slice(0, count).map((operand, index) => operandOf(operand, shapes[index] as Shape, mnemonic));
  return { kind: 'instruction', mnemonic, operands, width } as const;
}

function operandOf(operand: unknown, shape: Shape, mnemonic: string): Operand {
  const wrong = (): TypeError => new TypeError(`an operand of ${mnemonic} is ${SHAPES[shape]}, got ${shown(operand)}`);
  if (shape === 'memory') {
    const { base, symbol, offset } = (operand ?? {}) as Partial<MemoryOperand>;
    const number = base === undefined ? undefined : registerNumber(base);
    if (typeof offset !== 'bigint' || (base !== undefined && number === undefined)) throw wrong();
    const written = symbol === undefined ? { addend: offset } : { symbol, addend: offset };
    return number === undefined
      ? { kind: 'memory', offset: written }
      : { kind: 'memory', base: number, offset: written };
  }
  const number = typeof operand === 'string' ? registerNumber(operand) : undefined;
  if (number !== undefined) {
    if (shape !== 'register' && shape !== 'value' && shape !== 'target') throw wrong();
    return { kind: 'register', number };
  }
  if (shape === 'name' && typeof operand === 'string') return { kind: 'name', name: operand };
  if (shape === 'register' || shape === 'name' || (shape === 'number' && typeof operand !== 'bigint')) throw wrong();
  if ((shape === 'label' || shape === 'target') && typeof operand !== 'string') throw wrong();
  return { kind: 'number', value: expressionOf(operand, mnemonic, SHAPES[shape]) };
}

function expressionOf(value: unknown, owner: string, what: string): Expression {
  if (typeof value === 'bigint') return { addend: value };
  const { symbol, offset } = (
    typeof value === 'string' ? { symbol: value, offset: 0n } : (value ?? {})
  ) as Partial<SymbolOperand>;
  if (typeof symbol === 'string' && LABEL.test(symbol) && typeof offset === 'bigint') return { symbol, addend: offset };
  throw new TypeError(
    `an operand of ${owner} is ${what}, got ${shown(value)}${typeof value === 'number' ? `: write ${value}n` : ''}`,
  );
}
