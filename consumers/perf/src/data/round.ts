import { ByteWriter } from '../bytes/byte-writer.js';
import { encodeRecord } from '../records/encode-record.js';
import { PERF_RECORD_FINISHED_ROUND } from '../records/record-types.js';

const FINISHED = encodeRecord({ type: PERF_RECORD_FINISHED_ROUND, misc: 0 }, {});

interface Entry {
  readonly time: bigint;
  readonly start: number;
  readonly end: number;
}

/** The records of one round, which leave it in the order of their times. */
export class Round {
  /** The latest time in it. */
  latest = 0n;
  readonly #bytes = new ByteWriter();
  #entries: Entry[] = [];
  #sorted = true;

  /** Bytes of its records. */
  get size(): number {
    return this.#bytes.length;
  }

  /** Adds a record; 0: it has no time. */
  add(record: Uint8Array, time: bigint): void {
    const start = this.#bytes.length;
    this.#bytes.raw(record);
    if (time < this.latest) this.#sorted = false;
    else this.latest = time;
    this.#entries.push({ time, start, end: this.#bytes.length });
  }

  /** Hands everything out, with `marked` FINISHED_ROUND at the end, and is empty again. */
  flush(marked: boolean, sink: (bytes: Uint8Array) => void): void {
    const { written } = this.#bytes;
    if (this.#sorted) sink(written);
    else {
      const sorted = new Uint8Array(written.length);
      let at = 0;
      // Records of one time stay as they were: sort() is stable.
      for (const { start, end } of this.#entries.sort((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : 0))) {
        sorted.set(written.subarray(start, end), at);
        at += end - start;
      }
      sink(sorted);
    }
    if (marked) sink(FINISHED);
    this.#bytes.clear();
    this.#entries = [];
    this.#sorted = true;
    this.latest = 0n;
  }
}
