import { ByteReader } from '../bytes/byte-reader.js';
import { ByteWriter } from '../bytes/byte-writer.js';
import { dataError } from './data-error.js';

/** Bytes of the header of a perf.data file. */
export const FILE_HEADER_SIZE = 104;
/** Bytes of a section's offset and size. */
export const SECTION_SIZE = 16;
/** "PERFILE2", little endian. */
const MAGIC = 0x32454c4946524550n;
const FOREIGN_MAGIC = 0x50455246494c4532n;
/** Words of the bitmap of features. */
const FEATURE_WORDS = 4;

/** A piece of the file, in bytes. */
export interface Section {
  readonly offset: number;
  readonly size: number;
}

/** The header of a perf.data file (tools/perf, struct perf_file_header). */
export interface FileHeader {
  /** Bytes of one entry in `attrs`: a perf_event_attr and a section. */
  readonly attr_size: number;
  readonly attrs: Section;
  readonly data: Section;
  /** HEADER_*, ascending. */
  readonly features: readonly number[];
}

/** Appends a section. */
export function writeSection(writer: ByteWriter, { offset, size }: Section): void {
  writer.u64('offset', offset);
  writer.u64('size', size);
}

/** Reads a section that lies in a file of `length` bytes. Throws a KernelError EINVAL unless it does. */
export function readSection(reader: ByteReader, name: string, length: number): Section {
  const offset = reader.u64(name);
  const size = reader.u64(name);
  if (offset + size > BigInt(length)) {
    throw dataError(`${name} is ${size} bytes at offset ${offset}, and the file has ${length}: it was cut short`);
  }
  return { offset: Number(offset), size: Number(size) };
}

/** True if it begins with PERFILE2, little endian. */
export function hasMagic(bytes: Uint8Array): boolean {
  return bytes.length >= 8 && new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true) === MAGIC;
}

/** The 104 bytes. */
export function encodeFileHeader({ attr_size, attrs, data, features }: FileHeader): Uint8Array {
  const writer = new ByteWriter();
  writer.u64('magic', MAGIC);
  writer.u64('size', FILE_HEADER_SIZE);
  writer.u64('attr_size', attr_size);
  writeSection(writer, attrs);
  writeSection(writer, data);
  writeSection(writer, { offset: 0, size: 0 });
  const bitmap = features.reduce((bits, feature) => bits | (1n << BigInt(feature)), 0n);
  for (let word = 0n; word < FEATURE_WORDS; word++)
    writer.u64('features', (bitmap >> (64n * word)) & 0xffff_ffff_ffff_ffffn);
  return writer.written.slice();
}

/** Reads it from the front of a file. Throws a KernelError EINVAL for what is no perf.data file of this kind. */
export function decodeFileHeader(bytes: Uint8Array): FileHeader {
  const reader = new ByteReader(bytes.subarray(0, FILE_HEADER_SIZE), dataError);
  const magic = reader.u64('the magic number');
  if (magic === FOREIGN_MAGIC) throw dataError('it was written on a big-endian machine, which is not read here');
  if (magic !== MAGIC) throw dataError('it does not begin with PERFILE2: it is no perf.data file of version 2');
  const size = reader.u64('the size of the header');
  if (size !== BigInt(FILE_HEADER_SIZE)) {
    throw dataError(`its header has ${size} bytes, not ${FILE_HEADER_SIZE}: another version wrote it`);
  }
  const attr_size = Number(reader.u64('attr_size'));
  const attrs = readSection(reader, 'attrs', bytes.length);
  const data = readSection(reader, 'data', bytes.length);
  readSection(reader, 'event_types', bytes.length);
  const features: number[] = [];
  for (let word = 0; word < FEATURE_WORDS; word++) {
    const bits = reader.u64('features');
    for (let bit = 0; bit < 64; bit++) if ((bits >> BigInt(bit)) & 1n) features.push(64 * word + bit);
  }
  return { attr_size, attrs, data, features };
}
