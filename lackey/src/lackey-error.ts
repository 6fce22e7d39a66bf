/** Every way in which a trace cannot be replayed. A code is API and stable; a test pins this list. */
export const LACKEY_ERRORS = Object.freeze([
  /** `strict`: a line is none of Lackey's four. */
  'LACKEY_NOT_A_LINE',
  /** One instruction makes more accesses than any real one. */
  'LACKEY_TOO_MANY_ACCESSES',
] as const);

/** A stable code of a {@link LackeyError}. */
export type LackeyErrorCode = (typeof LACKEY_ERRORS)[number];

/** A trace that cannot be replayed: the line and what is wrong with it. */
export class LackeyError extends Error {
  override readonly name = 'LackeyError';
  readonly code: LackeyErrorCode;
  /** 1-based number of the line. */
  readonly line: number;
  /** The line's first characters. */
  readonly text: string;

  constructor(code: LackeyErrorCode, message: string, line: number, text: string) {
    super(`line ${line}: ${message}`);
    this.code = code;
    this.line = line;
    this.text = text;
  }
}
