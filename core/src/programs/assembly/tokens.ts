import { shown } from '../../errors/index.js';
import { AssemblyError } from './assembly-error.js';
import type { Place } from './item.js';

/** A piece of a line. */
export interface TextToken {
  readonly kind: 'word' | 'number' | 'text' | 'mark' | 'end';
  /** As it was written; of a text, what it stands for. */
  readonly text: string;
  /** From 1. */
  readonly column: number;
}

/** What a line is cut into: comments and spaces, names, numbers, texts, and marks of one character. */
const PIECE =
  /(?<space>\s+|;.*|#.*|\/\/.*)|(?<word>\.?[A-Za-z_][\w.$]*)|(?<number>0x[\da-f_]+\b|0b[01_]+\b|\d[\d_]*\b)|"(?<text>(?:[^"\\]|\\[nrt0"\\])*)"|(?<mark>[,:[\]+-])/iy;
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', 0: '\0', '"': '"', '\\': '\\' };

function cut(source: string, line: number, written: string): readonly TextToken[] {
  const tokens: TextToken[] = [];
  PIECE.lastIndex = 0;
  while (PIECE.lastIndex < written.length) {
    const at = PIECE.lastIndex;
    const groups = PIECE.exec(written)?.groups;
    const column = at + 1;
    if (groups === undefined) {
      const found = written.slice(at).split(/\s/, 1)[0] ?? '';
      throw new AssemblyError(
        source,
        { line, column },
        `expected a name, a number or one of , : [ ] + -, got '${found}'`,
      );
    }
    const { word, number, text, mark } = groups;
    if (word !== undefined) tokens.push({ kind: 'word', text: word, column });
    else if (number !== undefined) tokens.push({ kind: 'number', text: number.replaceAll('_', ''), column });
    else if (mark !== undefined) tokens.push({ kind: 'mark', text: mark, column });
    else if (text !== undefined)
      tokens.push({ kind: 'text', text: text.replaceAll(/\\(.)/g, (_, c: string) => ESCAPES[c] ?? c), column });
  }
  tokens.push({ kind: 'end', text: '', column: written.trimEnd().length + 1 });
  return tokens;
}

/** One line of a source, read from left to right. */
export class Line {
  readonly #source: string;
  readonly #line: number;
  readonly #tokens: readonly TextToken[];
  #at = 0;

  /** Throws an {@link AssemblyError} for what no line is made of. */
  constructor(source: string, line: number, written: string) {
    this.#source = source;
    this.#line = line;
    this.#tokens = cut(source, line, written);
  }

  /** What comes next. */
  get next(): TextToken {
    return this.#tokens[this.#at] as TextToken;
  }

  get place(): Place {
    return { line: this.#line, column: this.next.column };
  }

  get atEnd(): boolean {
    return this.next.kind === 'end';
  }

  take(): TextToken {
    const token = this.next;
    if (token.kind !== 'end') this.#at++;
    return token;
  }

  /** True, and it is taken, if this mark comes next. */
  takes(mark: string): boolean {
    if (this.next.kind !== 'mark' || this.next.text !== mark) return false;
    this.#at++;
    return true;
  }

  /** True if a word comes next, and this mark behind it. */
  isWordBefore(mark: string): boolean {
    const behind = this.#tokens[this.#at + 1];
    return this.next.kind === 'word' && behind?.kind === 'mark' && behind.text === mark;
  }

  /** What there is instead of what was expected. */
  expected(what: string): AssemblyError {
    const { kind, text } = this.next;
    return this.error(`expected ${what}, got ${kind === 'end' ? 'the end of the line' : shown(text)}`);
  }

  error(message: string, place: Place = this.place): AssemblyError {
    return new AssemblyError(this.#source, place, message);
  }
}
