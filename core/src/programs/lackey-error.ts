/** A trace that cannot be replayed: the line and what is wrong with it. */
export class LackeyError extends Error {
  override readonly name = 'LackeyError';
  /** 1-based number of the line. */
  readonly line: number;
  /** The line's first characters. */
  readonly text: string;

  constructor(message: string, line: number, text: string) {
    super(`line ${line}: ${message}`);
    this.line = line;
    this.text = text;
  }
}
