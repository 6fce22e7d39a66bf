import { ElfError } from './elf-error.js';
import type { ElfHeader } from './elf-header.js';
import type { ElfReader } from './elf-reader.js';
import { Work } from './work.js';

const PT_LOAD = 1;
const PT_DYNAMIC = 2;
const PT_INTERP = 3;
const DT_NULL = 0n;
const DT_SONAME = 14n;
/** Longest path of a dynamic linker that is read, in bytes. */
const LONGEST_PATH = 4096;
/** Segments share the pages at their borders; the bytes of all are this many times those of the file at most. */
const SHARING = 4;
/** Steps for a small file. */
const LEAST_WORK = 65_536;
/** `p_flags`. */
export const PF_X = 1;
export const PF_W = 2;
export const PF_R = 4;

/** A piece of the file that is loaded (a program header of type PT_LOAD). */
export interface ElfSegment {
  /** PF_R, PF_W, PF_X. */
  readonly flags: number;
  /** Where in the file. */
  readonly offset: bigint;
  /** Where in memory, as the linker says. */
  readonly address: bigint;
  /** Bytes in memory: behind those of the file there are zeros. */
  readonly size: bigint;
  /** What the file has for it. */
  readonly bytes: Uint8Array;
}

function readSegment(reader: ElfReader, at: number, file: Uint8Array): ElfSegment | undefined {
  if (reader.u32(at) !== PT_LOAD) return undefined;
  const word = (wide: number, narrow: number): bigint => reader.word(at + (reader.wide ? wide : narrow));
  const bytes = reader.range(word(8, 4), word(32, 16), 'a segment');
  return {
    flags: reader.u32(at + (reader.wide ? 4 : 24)),
    offset: word(8, 4),
    address: word(16, 8),
    size: word(40, 20),
    bytes: file.subarray(bytes.offset, bytes.offset + bytes.size),
  };
}

/** What of the file is loaded; nothing if it has no program headers. */
export function readSegments(reader: ElfReader, header: ElfHeader, file: Uint8Array): ElfSegment[] {
  const segments = programHeaders(reader, header)
    .map((at) => readSegment(reader, at, file))
    .filter((segment) => segment !== undefined);
  const loaded = segments.reduce((sum, { bytes }) => sum + bytes.length, 0);
  if (loaded > SHARING * file.length)
    throw new ElfError(
      `its segments load ${loaded} bytes of a file of ${file.length}, over the budget of ${SHARING} times that: they overlap, and the file is damaged`,
    );
  return segments;
}

/** How a program is linked to libraries. */
export interface ElfLinking {
  /** The dynamic linker that it is started with. */
  readonly interpreter: string | undefined;
  /** It has a name of its own for others to be linked with: it is a library. */
  readonly library: boolean;
}

/** Reads that. */
export function readLinking(reader: ElfReader, header: ElfHeader): ElfLinking {
  let interpreter: string | undefined;
  let library = false;
  const work = new Work('reading how it is linked', LEAST_WORK + reader.length);
  for (const at of programHeaders(reader, header)) {
    const type = reader.u32(at);
    if (type !== PT_INTERP && type !== PT_DYNAMIC) continue;
    const { offset, size } = reader.range(
      reader.word(at + (reader.wide ? 8 : 4)),
      reader.word(at + (reader.wide ? 32 : 16)),
      'a segment',
    );
    if (type === PT_INTERP) {
      work.spend(LONGEST_PATH);
      interpreter = reader.textOr(undefined, offset, offset + size, LONGEST_PATH);
    } else {
      work.spend(Math.ceil(size / 8));
      library = dynamicTags(reader, offset, offset + size).includes(DT_SONAME);
    }
  }
  return { interpreter, library };
}

function dynamicTags(reader: ElfReader, from: number, end: number): bigint[] {
  const step = reader.wide ? 16 : 8;
  const tags: bigint[] = [];
  for (let at = from; at + step <= end; at += step) {
    const tag = reader.word(at);
    if (tag === DT_NULL) break;
    tags.push(tag);
  }
  return tags;
}

/** Where the program headers are in the file. */
function programHeaders(reader: ElfReader, { segmentOffset, segmentSize, segmentCount }: ElfHeader): number[] {
  if (segmentCount === 0 || segmentOffset === 0n) return [];
  const least = reader.wide ? 56 : 32;
  if (segmentSize < least)
    throw new ElfError(`program headers of ${segmentSize} bytes are shorter than ${least}: the file is damaged`);
  const { offset } = reader.range(segmentOffset, BigInt(segmentSize) * BigInt(segmentCount), 'the table of segments');
  return Array.from({ length: segmentCount }, (_, i) => offset + i * segmentSize);
}
