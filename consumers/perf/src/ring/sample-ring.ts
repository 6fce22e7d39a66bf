import { ByteWriter } from '../bytes/byte-writer.js';
import { decodeRecord } from '../records/decode-record.js';
import { writeRecord } from '../records/encode-record.js';
import type { PerfRecord } from '../records/perf-record.js';
import type { RecordFormat } from '../records/record-format.js';
import { PERF_RECORD_LOST, PERF_RECORD_SAMPLE } from '../records/record-types.js';
import type { SampleId } from '../records/sample-id.js';

/** How a ring is made. */
export interface SampleRingOptions {
  /** Pages of data: a power of two. */
  readonly pages: number;
  /** Bytes of a page: a power of two from 64. Default 4096. */
  readonly pageSize?: number;
  /**
   * `wakeup_watermark` of the event that owns the ring: bytes between wake-ups. Default, also for 0: half of the ring.
   */
  readonly watermark?: number;
}

/** Who writes a record. */
export interface RingSource {
  /** How its records look: its attr. */
  readonly format: RecordFormat;
  /** Its id, for LOST records. */
  readonly id: bigint;
  /** The trailer of a LOST record that has to be written now. */
  readonly sample_id: SampleId;
  /** Its `wakeup_events`: a wake-up after every so many samples in the ring. Default 0: none for that reason. */
  readonly wakeup_events?: number;
}

/** What became of a record. */
export interface RingOutcome {
  /** False: there was no room; it counts as lost. */
  readonly stored: boolean;
  /** The reader is to be woken. */
  readonly wakeup: boolean;
}

const NOT_STORED: RingOutcome = Object.freeze({ stored: false, wakeup: false });
const STORED: RingOutcome = Object.freeze({ stored: true, wakeup: false });
const STORED_AND_WOKEN: RingOutcome = Object.freeze({ stored: true, wakeup: true });

/** Bytes of a ring at most: positions in it are computed with 32-bit numbers. */
const MOST_BYTES = 2 ** 30;

function powerOfTwo(name: string, value: number, least: number): number {
  if (Number.isInteger(value) && value >= least && value <= MOST_BYTES && Number.isInteger(Math.log2(value)))
    return value;
  throw new TypeError(`${name} is a power of two from ${least} to ${MOST_BYTES}, got ${String(value)}`);
}

/**
 * The data pages of a perf ring buffer (perf_event_mmap_page): records between `data_tail`, which the reader moves, and
 * `data_head`, which the writer moves. Both only grow; what lies at position p is byte p mod size. The ring never
 * overwrites: a record without room is counted, and the next one that fits has a LOST record before it. As in Linux at
 * least one byte stays free.
 */
export class SampleRing {
  /** Bytes for records. */
  readonly size: number;
  /** The pages. A reader that wants them raw reads from `data_tail` to `data_head`, and wraps around. */
  readonly data: Uint8Array;
  /** Records that were lost since the ring was made. */
  lostTotal = 0;
  /** True: nothing is written, and everything counts as lost (PERF_EVENT_IOC_PAUSE_OUTPUT). */
  paused = false;
  #head = 0;
  #tail = 0;
  /** Lost since the last LOST record. */
  #lost = 0;
  /** Samples since the last wake-up because of `wakeup_events`. */
  #samples = 0;
  /** Where `data_head` has to pass for the next wake-up, less the watermark (Linux: `wakeup`, which counts both). */
  #woken = 0;
  #ready = false;
  readonly #watermark: number;
  readonly #writer = new ByteWriter();

  /** Throws a TypeError for sizes that are no power of two. */
  constructor({ pages, pageSize = 4096, watermark = 0 }: SampleRingOptions) {
    this.size = powerOfTwo('a ring', powerOfTwo('pages', pages, 1) * powerOfTwo('pageSize', pageSize, 64), 64);
    if (!Number.isInteger(watermark) || watermark < 0) {
      throw new TypeError(`watermark is a whole number of bytes, got ${String(watermark)}`);
    }
    this.data = new Uint8Array(this.size);
    this.#watermark = Math.min(watermark, this.size) || this.size / 2;
  }

  /** Bytes ever written. */
  get data_head(): number {
    return this.#head;
  }

  /** Bytes ever read. */
  get data_tail(): number {
    return this.#tail;
  }

  /** What lies behind it is free again. Throws a TypeError unless it is from the old one to `data_head`. */
  set data_tail(tail: number) {
    if (!Number.isSafeInteger(tail) || tail < this.#tail || tail > this.#head) {
      throw new TypeError(`data_tail moves from ${this.#tail} to ${this.#head} at most, not to ${String(tail)}`);
    }
    this.#tail = tail;
  }

  /** Bytes of records that were not read yet. */
  get pending(): number {
    return this.#head - this.#tail;
  }

  /** Records lost since the last LOST record in the ring. */
  get lost(): number {
    return this.#lost;
  }

  /** Writes a record, if there is room. Throws what {@link writeRecord} throws, and then nothing has changed. */
  write(record: PerfRecord, source: RingSource): RingOutcome {
    if (this.paused) return this.#lose();
    const writer = this.#writer;
    writer.clear();
    if (this.#lost > 0) writeRecord(writer, this.#lostRecord(source), source.format);
    writeRecord(writer, record, source.format);
    const { written } = writer;
    if (written.length > this.size - 1 - this.pending) return this.#lose();
    this.#lost = 0;
    this.#append(written);
    return this.#wakes(record, source.wakeup_events ?? 0) ? STORED_AND_WOKEN : STORED;
  }

  /** True if the reader was woken since this was last asked: poll(2), which takes the readiness away. */
  takeReady(): boolean {
    const ready = this.#ready;
    this.#ready = false;
    return ready;
  }

  /** A copy of the bytes of all records, which are read by that. */
  drainBytes(): Uint8Array {
    const bytes = new Uint8Array(this.pending);
    const at = this.#tail & (this.size - 1);
    const first = this.data.subarray(at, at + bytes.length);
    bytes.set(first);
    bytes.set(this.data.subarray(0, bytes.length - first.length), first.length);
    this.#tail = this.#head;
    return bytes;
  }

  /** Takes all records out, oldest first. All were written with this `format`. */
  drain(format: RecordFormat): PerfRecord[] {
    const bytes = this.drainBytes();
    const records: PerfRecord[] = [];
    for (let at = 0; at < bytes.length; ) {
      const { record, size } = decodeRecord(bytes, format, at);
      records.push(record);
      at += size;
    }
    return records;
  }

  #lose(): RingOutcome {
    this.#lost++;
    this.lostTotal++;
    return NOT_STORED;
  }

  #lostRecord({ id, sample_id }: RingSource): PerfRecord {
    return { type: PERF_RECORD_LOST, misc: 0, id, lost: BigInt(this.#lost), sample_id };
  }

  #append(bytes: Uint8Array): void {
    const at = this.#head & (this.size - 1);
    const first = Math.min(bytes.length, this.size - at);
    this.data.set(bytes.subarray(0, first), at);
    this.data.set(bytes.subarray(first), 0);
    this.#head += bytes.length;
  }

  #wakes({ type }: PerfRecord, wakeup_events: number): boolean {
    let wakes = false;
    if (this.#head - this.#woken > this.#watermark) {
      this.#woken += this.#watermark;
      wakes = true;
    }
    if (type === PERF_RECORD_SAMPLE && wakeup_events > 0 && ++this.#samples >= wakeup_events) {
      this.#samples -= wakeup_events;
      this.#woken++;
      wakes = true;
    }
    this.#ready ||= wakes;
    return wakes;
  }
}
