/** Every way in which a line of a transcript is none. A code is API and stable; a test pins this list. */
export const CONFORM_ERRORS = Object.freeze([
  /** The line is no JSON. */
  'TRANSCRIPT_NO_JSON',
  /** The line is JSON, but no recorded script. */
  'TRANSCRIPT_NO_SCRIPT',
  /** The line is longer, or nested deeper, or the file is packed tighter than any recording. */
  'TRANSCRIPT_OVER_BUDGET',
] as const);

/** A stable code of a {@link TranscriptError}. */
export type ConformErrorCode = (typeof CONFORM_ERRORS)[number];

/** Where a line stands. */
export interface LinePlace {
  /** What it was read from, as messages name it. */
  readonly source: string;
  /** 1-based. */
  readonly line: number;
}

/** A line of a transcript that is no script: says where it is, and what is wrong with it. */
export class TranscriptError extends Error {
  override readonly name = 'TranscriptError';
  readonly code: ConformErrorCode;
  readonly place: LinePlace;
  /** What is wrong, without the place. */
  readonly complaint: string;

  constructor(code: ConformErrorCode, place: LinePlace, complaint: string) {
    super(`${place.source}: line ${place.line} is ${complaint}`);
    this.code = code;
    this.place = place;
    this.complaint = complaint;
  }
}
