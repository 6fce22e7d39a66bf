import type { WaitQueue } from '@hwbp/core';

/**
 * What descriptors stand for. A file says what it can do: without `read` it is not open for reading, without `write`
 * not for writing.
 */
export interface OpenFile {
  /** For people, such as `/dev/console`. */
  readonly name: string;
  readonly read?: ReadableFile;
  readonly write?: WritableFile;
  /** The last descriptor of it is closed. */
  close?(): void;
}

/** Where bytes come from. */
export interface ReadableFile {
  /** Up to `count` (1 or more) bytes; none: the end of the file; `undefined`: there are none yet. */
  take(count: number): Uint8Array | undefined;
  /** Woken when there may be some. */
  readonly arrived: WaitQueue;
}

/** Where bytes go. */
export interface WritableFile {
  /** Takes some of them, the first ones; returns how many. 0: there is no room yet. Throws EPIPE if nobody reads. */
  put(bytes: Uint8Array): number;
  /** Woken when there may be room. */
  readonly drained: WaitQueue;
}
