import { KernelError } from '@hwbp/core';
import { Decompress } from 'fzstd';
import { ByteReader } from '../bytes/byte-reader.js';
import { perfError } from '../errors.js';
import { RECORD_HEADER_SIZE } from '../records/decode-record.js';
import { PERF_RECORD_COMPRESSED, PERF_RECORD_COMPRESSED2 } from '../records/record-types.js';
import { dataError } from './data-error.js';
import { ZstdBudget } from './zstd-budget.js';

/** How the records of a file were compressed (HEADER_COMPRESSED), by `perf record -z`. */
export interface PerfDataCompression {
  /** PERF_COMP_*: 1 is Zstandard. */
  readonly type: number;
  readonly level: number;
  /** Bytes before for each byte after, rounded. */
  readonly ratio: number;
  /** Bytes of the ring that the records come from: what one record of compressed data holds at most. */
  readonly mmap_len: number;
}

const PERF_COMP_ZSTD = 1;
const NOTHING = new Uint8Array(0);
/** Bytes that one compressed record may hold at most, whatever its file says. */
const MOST_BYTES = 256 * 1024 * 1024;

/** Reads the feature. */
export function decodeCompression(bytes: Uint8Array): PerfDataCompression {
  const reader = new ByteReader(bytes, dataError);
  reader.u32('the version of the compression');
  const type = reader.u32('the type of the compression');
  const level = reader.u32('the level of the compression');
  const ratio = reader.u32('the ratio of the compression');
  return { type, level, ratio, mmap_len: reader.u32('mmap_len') };
}

/** True for records that hold a piece of compressed records. */
export function isCompressed(type: number): boolean {
  return type === PERF_RECORD_COMPRESSED || type === PERF_RECORD_COMPRESSED2;
}

/** The piece in such a record. */
function pieceOf(type: number, record: Uint8Array): Uint8Array {
  const body = record.subarray(RECORD_HEADER_SIZE);
  if (type === PERF_RECORD_COMPRESSED) return body;
  const reader = new ByteReader(body, dataError);
  return reader.raw('compressed data', reader.count('the size of compressed data', 1));
}

/** A file's compressed records: one stream, which lies in it in pieces. */
export class CompressedRecords {
  readonly #most: number;
  readonly #stream = new Decompress((bytes) => this.#take(bytes));
  readonly #budget = new ZstdBudget();
  /** What was left of the pieces before, and what came of this one: so many bytes, with room for more behind them. */
  #bytes: Uint8Array = NOTHING;
  #length = 0;
  /** Bytes that came of the latest piece. */
  #size = 0;

  /** Throws a KernelError: EINVAL if the file does not say how it was compressed, EOPNOTSUPP for an unknown way. */
  constructor(compression: PerfDataCompression | undefined) {
    if (compression === undefined) throw dataError('it has compressed records, and does not say of what kind');
    const { type, mmap_len } = compression;
    if (type !== PERF_COMP_ZSTD) {
      throw perfError(
        'PERF_DATA_UNSUPPORTED',
        `the records of this perf.data file were compressed in a way that is not known here (${type}; 1 is Zstandard)`,
        { type },
      );
    }
    this.#most = Math.min(mmap_len, MOST_BYTES);
  }

  /**
   * Takes a record with a piece of the stream, and gives the bytes that are now there: whole records, and perhaps the
   * beginning of another. Throws a KernelError EINVAL.
   */
  push(type: number, record: Uint8Array): Uint8Array {
    this.#size = 0;
    try {
      const piece = pieceOf(type, record);
      this.#budget.read(piece);
      this.#stream.push(piece);
    } catch (error) {
      if (error instanceof KernelError) throw error;
      throw dataError(`its compressed records cannot be decompressed: ${(error as Error).message}`);
    }
    return this.#bytes.subarray(0, this.#length);
  }

  /** So many bytes of what {@link push} gave were used: the others go on with the next piece. */
  use(bytes: number): void {
    if (bytes === 0) return;
    this.#bytes = this.#bytes.slice(bytes, this.#length);
    this.#length -= bytes;
  }

  /** The file is at its end. Throws a KernelError EINVAL if a record is not. */
  end(): void {
    const left = this.#length;
    // Each piece ends where the writer flushed.
    if (this.#size === 0) throw dataError('its compressed records end in the middle');
    if (left > 0) throw dataError(`the last ${left} bytes of its compressed records are no whole record`);
  }

  #take(bytes: Uint8Array): void {
    this.#size += bytes.length;
    if (this.#size > this.#most) {
      throw dataError(
        `a compressed record holds more than ${this.#most} bytes, the size of the ring that it comes from`,
      );
    }
    this.#budget.made(bytes.length);
    const length = this.#length + bytes.length;
    if (length > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(length, 2 * this.#bytes.length));
      grown.set(this.#bytes.subarray(0, this.#length));
      this.#bytes = grown;
    }
    this.#bytes.set(bytes, this.#length);
    this.#length = length;
  }
}
