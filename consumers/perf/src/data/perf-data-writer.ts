import { ByteWriter } from '../bytes/byte-writer.js';
import { perfError } from '../errors.js';
import { decodeHeader } from '../records/decode-record.js';
import { writeRecord } from '../records/encode-record.js';
import type { PerfRecord } from '../records/perf-record.js';
import { PERF_RECORD_SAMPLE } from '../records/record-types.js';
import { checkDataEvents, encodeAttrs, type PerfDataEvent } from './data-event.js';
import { encodeFeatures, type PerfDataFeatures } from './features.js';
import { encodeFileHeader, FILE_HEADER_SIZE, SECTION_SIZE, type Section, writeSection } from './file-header.js';
import { idOffset, timeOffset } from './record-place.js';
import { Round } from './round.js';

/** Where a file goes. */
export interface PerfDataSink {
  /** Appends. The bytes are good until this returns. */
  write(bytes: Uint8Array): void;
  /** Writes over what was written at `position`, in bytes from the beginning: the file's header, once, at its end. */
  patch(position: number, bytes: Uint8Array): void;
}

/** What a file has besides records. */
export interface PerfDataOptions {
  /** One or more; several need ids and PERF_SAMPLE_IDENTIFIER. */
  readonly events: readonly PerfDataEvent[];
  readonly features?: PerfDataFeatures;
  /** Bytes of records after which a round ends by itself, and that are kept in memory until then. Default 1 MiB. */
  readonly roundBytes?: number;
  /**
   * False: no FINISHED_ROUND records, so that perf sorts all records of the file, at the price of its memory: for
   * clocks that are far apart. Default true.
   */
  readonly finishedRounds?: boolean;
}

const DEFAULT_ROUND = 1024 * 1024;

/**
 * Writes a perf.data file (version 2, little endian) that the real perf reads, in constant memory: header, ids and
 * attrs at once, each round of records as it ends, feature sections at the end, and then the header again, which only
 * now knows how much there is. A file that was not finished has data of size 0 in its header, which perf warns of, as
 * it does of its own.
 *
 * Within a round records are sorted by time (records without one stay in front), and a FINISHED_ROUND record ends it:
 * perf sorts over two rounds. A record that is older than the end of the round before last comes too late for that;
 * {@link late} counts them.
 */
export class PerfDataWriter {
  readonly events: readonly PerfDataEvent[];
  /** Records older than perf's sorting can mend: it shows them, out of order and with a warning. */
  late = 0;
  /** Records written, FINISHED_ROUND aside. */
  records = 0;
  /** How many of them are samples. */
  samples = 0;
  readonly #sink: PerfDataSink;
  readonly #features: PerfDataFeatures;
  readonly #attrs: readonly Uint8Array[];
  readonly #byId: ReadonlyMap<bigint, PerfDataEvent>;
  readonly #roundBytes: number;
  readonly #finishedRounds: boolean;
  readonly #round = new Round();
  readonly #scratch = new ByteWriter();
  readonly #attrsSection: Section;
  readonly #dataOffset: number;
  #written = 0;
  #finished = false;
  #first: bigint | undefined;
  #last = 0n;
  /** Latest time of the rounds that have ended, and of those before the last of them. */
  #latest = 0n;
  #flushed = 0n;

  /** Begins the file. Throws a KernelError for events that cannot share a file, and whatever the sink throws. */
  constructor(
    sink: PerfDataSink,
    { events, features = {}, roundBytes = DEFAULT_ROUND, finishedRounds = true }: PerfDataOptions,
  ) {
    this.#finishedRounds = finishedRounds;
    checkDataEvents(events);
    this.events = events;
    this.#sink = sink;
    this.#features = features;
    this.#roundBytes = roundBytes;
    this.#attrs = encodeAttrs(events);
    this.#byId = new Map(events.flatMap((event) => event.ids.map((id) => [id, event] as const)));
    const idsOf = ({ ids }: PerfDataEvent): number => 8 * ids.length;
    const idsSize = events.reduce((sum, event) => sum + idsOf(event), 0);
    this.#attrsSection = { offset: FILE_HEADER_SIZE + idsSize, size: events.length * this.#attrSize };
    this.#dataOffset = this.#attrsSection.offset + this.#attrsSection.size;
    const writer = new ByteWriter();
    writer.raw(this.#header([]));
    for (const { ids } of events) for (const id of ids) writer.u64('id', id);
    let offset = FILE_HEADER_SIZE;
    for (const [i, event] of events.entries()) {
      writer.raw(this.#attrs[i] as Uint8Array);
      writeSection(writer, { offset: idsOf(event) === 0 ? 0 : offset, size: idsOf(event) });
      offset += idsOf(event);
    }
    sink.write(writer.written);
  }

  /**
   * Adds a record of an event; default: the first one. Throws what {@link writeRecord} throws, and then nothing has
   * changed; a TypeError for an event that is not the file's, or after {@link finish}.
   */
  write(record: PerfRecord, event: PerfDataEvent = this.events[0] as PerfDataEvent): void {
    this.#check();
    if (!this.events.includes(event)) throw new TypeError('the event is none of this file');
    this.#scratch.clear();
    writeRecord(this.#scratch, record, event.attr);
    this.#add(this.#scratch.written, event);
  }

  /**
   * Adds records as a ring has them. Throws a KernelError EINVAL for bytes that are no records; those before it are
   * added.
   */
  writeBytes(bytes: Uint8Array): void {
    this.#check();
    for (let at = 0; at < bytes.length; ) {
      const { size } = decodeHeader(bytes, at);
      const record = bytes.subarray(at, at + size);
      this.#add(record, this.#eventOf(record));
      at += size;
    }
  }

  /** Ends a round: all rings were read once. An empty round is none. */
  finishRound(): void {
    this.#check();
    if (this.#round.size === 0) return;
    if (this.#finishedRounds) this.#flushed = this.#latest;
    if (this.#round.latest > this.#latest) this.#latest = this.#round.latest;
    this.#round.flush(this.#finishedRounds, (bytes) => this.#append(bytes));
  }

  /** Ends the last round and the file. May be called once. */
  finish(): void {
    this.finishRound();
    this.#finished = true;
    const sample_time = this.#first === undefined ? {} : { sample_time: { first: this.#first, last: this.#last } };
    const sections = encodeFeatures({ ...sample_time, ...this.#features }, this.events, this.#attrs);
    const writer = new ByteWriter();
    let offset = this.#dataOffset + this.#written + SECTION_SIZE * sections.length;
    for (const [, { length: size }] of sections) {
      writeSection(writer, { offset, size });
      offset += size;
    }
    for (const [, bytes] of sections) writer.raw(bytes);
    this.#sink.write(writer.written);
    this.#sink.patch(0, this.#header(sections.map(([feature]) => feature)));
  }

  get #attrSize(): number {
    return (this.#attrs[0]?.length ?? 0) + SECTION_SIZE;
  }

  #header(features: readonly number[]): Uint8Array {
    return encodeFileHeader({
      attr_size: this.#attrSize,
      attrs: this.#attrsSection,
      data: { offset: this.#dataOffset, size: this.#written },
      features,
    });
  }

  #check(): void {
    if (this.#finished) throw new TypeError('the perf.data file is finished');
  }

  #append(bytes: Uint8Array): void {
    this.#sink.write(bytes);
    this.#written += bytes.length;
  }

  #eventOf(record: Uint8Array): PerfDataEvent {
    const first = this.events[0] as PerfDataEvent;
    if (this.events.length === 1) return first;
    const at = idOffset(decodeHeader(record), first.attr);
    if (at === undefined) return first;
    const id = new DataView(record.buffer, record.byteOffset + at, 8).getBigUint64(0, true);
    const found = this.#byId.get(id);
    // Records about tasks may belong to no event in particular.
    if (found !== undefined || id === 0n) return found ?? first;
    throw perfError('PERF_DATA_EVENTS', `a record has the id ${id}, which no event of the file has`, { id });
  }

  #add(record: Uint8Array, { attr }: PerfDataEvent): void {
    const header = decodeHeader(record);
    const at = timeOffset(header, attr);
    const time = at === undefined ? 0n : new DataView(record.buffer, record.byteOffset + at, 8).getBigUint64(0, true);
    this.#round.add(record, time);
    this.records++;
    if (header.type === PERF_RECORD_SAMPLE) this.samples++;
    if (time !== 0n) {
      if (time < this.#flushed) this.late++;
      if (this.#first === undefined || time < this.#first) this.#first = time;
      if (time > this.#last) this.#last = time;
    }
    if (this.#round.size >= this.#roundBytes) this.finishRound();
  }
}
