import { utf8 } from '../../text/utf8.js';
import { AssemblyError } from './assembly-error.js';
import type { Expression, Item, Operand } from './item.js';
import { type Mnemonic, type Operation, operationOf, SHAPES, type Shape, WIDTHS } from './operations.js';
import { registerNumber } from './registers.js';
import { Line } from './tokens.js';

/** Characters of a source: more is no program that somebody wrote. */
const MOST_TEXT = 1 << 20;
/** Of numbers: a number of 64 bits is written as signed or as unsigned. */
const LEAST = -(1n << 63n);
const MOST = (1n << 64n) - 1n;

/** Bytes of the values that a directive takes. */
const DATA: Readonly<Record<string, 1 | 2 | 4 | 8>> = { '.u8': 1, '.u16': 2, '.u32': 4, '.u64': 8 };
const DIRECTIVES = [...Object.keys(DATA), '.text', '.bss', '.align'];

/** What is written in a source, in its order. Throws an {@link AssemblyError} for what is not understood. */
export function parse(source: string, text: string): readonly Item[] {
  if (text.length > MOST_TEXT) {
    const message = `a source has at most ${MOST_TEXT} characters, this one has ${text.length}`;
    throw new AssemblyError(source, { line: 1, column: 1 }, message);
  }
  const items: Item[] = [];
  for (const [index, written] of text.split(/\r\n|\r|\n/).entries()) {
    parseLine(new Line(source, index + 1, written), items);
  }
  return items;
}

function parseLine(line: Line, items: Item[]): void {
  while (line.isWordBefore(':')) {
    const { place } = line;
    const { text: name } = line.take();
    if (registerNumber(name) !== undefined) throw line.error(`'${name}' is a register, and no name of a label`, place);
    line.take();
    items.push({ kind: 'label', name, ...place });
  }
  if (line.atEnd) return;
  const { place } = line;
  if (line.next.kind !== 'word') throw line.expected('a label, an instruction or a directive');
  const { text: word } = line.take();
  items.push(word.startsWith('.') ? parseDirective(line, word, place) : parseInstruction(line, word, place));
  if (!line.atEnd) throw line.expected('the end of the line');
}

function parseDirective(line: Line, word: string, place: Line['place']): Item {
  if (word === '.text') {
    const { kind, text } = line.next;
    if (kind !== 'text') throw line.expected('a text in double quotes');
    line.take();
    const values = [...utf8(text)].map((byte): Expression => ({ addend: BigInt(byte) }));
    return { kind: 'data', size: 1, values, ...place };
  }
  if (word === '.bss' || word === '.align') {
    const size = Number(parseNumber(line, 'a number of bytes'));
    return { kind: word === '.bss' ? 'space' : 'align', size, ...place };
  }
  const size = DATA[word];
  if (size === undefined) throw line.error(`expected one of ${DIRECTIVES.join(', ')}, got '${word}'`, place);
  const values = [parseExpression(line, 'a number or a symbol')];
  while (line.takes(',')) values.push(parseExpression(line, 'a number or a symbol'));
  return { kind: 'data', size, values, ...place };
}

function parseInstruction(line: Line, word: string, place: Line['place']): Item {
  const [mnemonic = '', suffix, ...rest] = word.split('.');
  const operation = operationOf(mnemonic);
  if (operation === undefined) throw line.error(`there is no instruction '${mnemonic}'`, place);
  const width = suffix === undefined ? 0 : WIDTHS.indexOf(suffix as (typeof WIDTHS)[number]);
  if (rest.length > 0 || width < 0)
    throw line.error(`expected a width (${WIDTHS.join(', ')}) behind '${mnemonic}.'`, place);
  if (suffix !== undefined && operation.wide !== true) throw line.error(`${mnemonic} has no width`, place);
  const operands = parseOperands(line, mnemonic, operation);
  return { kind: 'instruction', mnemonic: mnemonic as Mnemonic, operands, width, ...place };
}

function parseOperands(
  line: Line,
  mnemonic: string,
  { operands: shapes, optional = 0 }: Operation,
): readonly Operand[] {
  const operands: Operand[] = [];
  for (const [index, shape] of shapes.entries()) {
    if (index >= shapes.length - optional && line.atEnd) break;
    if (index > 0 && !line.takes(',')) throw line.expected(`a comma: ${mnemonic} takes ${listOf(shapes)}`);
    operands.push(parseOperand(line, shape));
  }
  return operands;
}

const listOf = (shapes: readonly Shape[]): string => shapes.map((shape) => SHAPES[shape]).join(', ');

function parseOperand(line: Line, shape: Shape): Operand {
  if (shape === 'memory') return parseMemory(line);
  const { kind, text } = line.next;
  const number = kind === 'word' ? registerNumber(text) : undefined;
  if (shape === 'name') {
    if (kind !== 'word' || number !== undefined) throw line.expected(SHAPES.name);
    line.take();
    return { kind: 'name', name: text };
  }
  if (number !== undefined && shape !== 'number' && shape !== 'label') {
    line.take();
    return { kind: 'register', number };
  }
  if (shape === 'register') throw line.expected(SHAPES.register);
  if ((shape === 'target' || shape === 'label') && kind !== 'word') throw line.expected(SHAPES[shape]);
  return { kind: 'number', value: parseExpression(line, SHAPES[shape]) };
}

/** `[r1]`, `[counter]`, `[r1+8]`, `[table+r1-8]`: one register, one symbol and numbers, in any order. */
function parseMemory(line: Line): Operand {
  if (!line.takes('[')) throw line.expected(SHAPES.memory);
  let base: number | undefined;
  let symbol: string | undefined;
  let addend = 0n;
  let negative = line.takes('-');
  do {
    const { kind, text } = line.next;
    const number = kind === 'word' ? registerNumber(text) : undefined;
    if (kind === 'number') {
      const value = parseNumber(line, 'a number');
      addend += negative ? -value : value;
    } else if (kind !== 'word' || negative || (number === undefined ? symbol : base) !== undefined) {
      throw line.expected(
        negative || kind !== 'word' ? 'a register, a symbol or a number' : 'one register and one symbol at most',
      );
    } else {
      if (number === undefined) symbol = text;
      else base = number;
      line.take();
    }
    negative = line.next.kind === 'mark' && line.next.text === '-';
  } while (line.takes('+') || line.takes('-'));
  if (!line.takes(']')) throw line.expected('+, - or ]');
  const offset = symbol === undefined ? { addend } : { symbol, addend };
  return base === undefined ? { kind: 'memory', offset } : { kind: 'memory', base, offset };
}

/** A number, or a symbol and what is added to its address. */
function parseExpression(line: Line, what: string): Expression {
  const negative = line.takes('-');
  if (line.next.kind === 'number') {
    const { place } = line;
    const value = parseNumber(line, what);
    return { addend: checked(line, negative ? -value : value, place) };
  }
  const { kind, text } = line.next;
  if (negative || kind !== 'word' || registerNumber(text) !== undefined) throw line.expected(what);
  line.take();
  let addend = 0n;
  for (;;) {
    const minus = line.takes('-');
    if (!minus && !line.takes('+')) break;
    const value = parseNumber(line, 'a number');
    addend += minus ? -value : value;
  }
  return { symbol: text, addend };
}

function parseNumber(line: Line, what: string): bigint {
  if (line.next.kind !== 'number') throw line.expected(what);
  const { place } = line;
  return checked(line, numberOf(line.take().text), place);
}

function numberOf(text: string): bigint {
  return text.length > 80 ? MOST + 1n : BigInt(text.toLowerCase());
}

function checked(line: Line, value: bigint, place: Line['place']): bigint {
  if (value >= LEAST && value <= MOST) return value;
  throw line.error('a number has 64 bits at most, with or without a sign', place);
}
