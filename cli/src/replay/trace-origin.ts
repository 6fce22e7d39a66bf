/**
 * Bytes of text that are replayed at a time. Tasks wait for each other at these borders, so they are the same wherever
 * the text comes from.
 */
export const BLOCK_BYTES = 512 * 1024;

/** Where a trace comes from. */
export interface TraceOrigin {
  /** For people. */
  readonly name: string;
  /** Bytes as they are stored; `undefined` for pipes. */
  readonly size: number | undefined;
  /** They are compressed. */
  readonly gzip: boolean;
}
