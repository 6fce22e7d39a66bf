import { ElfError } from './elf-error.js';
import type { ElfHeader } from './elf-header.js';
import type { ElfReader } from './elf-reader.js';

const PT_LOAD = 1;
/** Programs have a handful; a table of thousands was made to fill the memory. */
const MOST_SEGMENTS = 128;

/** A part of the file that is in memory when the program begins. */
export interface ElfSegment {
  readonly address: bigint;
  /** What the file has for it; the rest of the segment is zeroes. */
  readonly bytes: Uint8Array;
}

/** The segments that are loaded (Elf32_Phdr, Elf64_Phdr of type PT_LOAD), with their bytes. */
export function readSegments(reader: ElfReader, header: ElfHeader, file: Uint8Array): readonly ElfSegment[] {
  const { segmentOffset, segmentSize, segmentCount } = header;
  if (segmentCount === 0) return [];
  if (segmentCount > MOST_SEGMENTS) throw new ElfError(`${segmentCount} segments are more than a program has`);
  const least = reader.wide ? 56 : 32;
  if (segmentSize < least) throw new ElfError(`program headers of ${segmentSize} bytes are shorter than ${least}`);
  const { offset: table } = reader.range(segmentOffset, BigInt(segmentSize * segmentCount), 'the table of segments');
  const [place, address, size] = reader.wide ? [8, 16, 32] : [4, 8, 16];
  const segments: ElfSegment[] = [];
  for (let at = table; at < table + segmentSize * segmentCount; at += segmentSize) {
    if (reader.u32(at) !== PT_LOAD) continue;
    const range = reader.range(reader.word(at + place), reader.word(at + size), 'a segment');
    const bytes = file.subarray(range.offset, range.offset + range.size);
    segments.push({ address: reader.word(at + address), bytes });
  }
  return segments;
}
