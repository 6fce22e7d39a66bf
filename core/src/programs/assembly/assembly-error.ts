import type { Place } from './item.js';

/** Something that is no assembly: the message begins with the source's name, line and column. */
export class AssemblyError extends SyntaxError {
  override readonly name = 'AssemblyError';
  /** What the source is called. */
  readonly source: string;
  /** From 1. */
  readonly line: number;
  readonly column: number;

  constructor(source: string, { line, column }: Place, message: string) {
    super(`${source}:${line}:${column}: ${message}`);
    this.source = source;
    this.line = line;
    this.column = column;
  }
}
