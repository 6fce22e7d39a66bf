import { ByteWriter } from '../bytes/byte-writer.js';
import type { PerfDataSink } from './perf-data-writer.js';

/** A sink that keeps the whole file in memory. */
export class MemorySink implements PerfDataSink {
  readonly #writer = new ByteWriter();

  /** The file so far. */
  get bytes(): Uint8Array {
    return this.#writer.written;
  }

  write(bytes: Uint8Array): void {
    this.#writer.raw(bytes);
  }

  patch(position: number, bytes: Uint8Array): void {
    this.#writer.patch(position, bytes);
  }
}
