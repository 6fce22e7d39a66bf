import { ElfError } from './elf-error.js';
import type { ElfHeader } from './elf-header.js';
import type { ElfReader } from './elf-reader.js';

const PT_LOAD = 1;
const PT_DYNAMIC = 2;
const PT_INTERP = 3;
const DT_NULL = 0n;
const DT_NEEDED = 1n;
const DT_STRTAB = 5n;
const DT_SONAME = 14n;
/** Libraries that a program names, at most. */
const MOST_NEEDED = 256;
/** Longest path of a dynamic linker that is read, in bytes. */
const LONGEST_PATH = 4096;
/** Segments share the pages at their borders; the bytes of all are this many times those of the file at most. */
const SHARING = 4;
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
  /** File names of the libraries that it is linked with. */
  readonly needed: readonly string[];
}

/** Reads that. */
export function readLinking(reader: ElfReader, header: ElfHeader): ElfLinking {
  let interpreter: string | undefined;
  let tags: readonly DynamicTag[] = [];
  for (const at of programHeaders(reader, header)) {
    const type = reader.u32(at);
    if (type !== PT_INTERP && type !== PT_DYNAMIC) continue;
    const { offset, size } = reader.range(
      reader.word(at + (reader.wide ? 8 : 4)),
      reader.word(at + (reader.wide ? 32 : 16)),
      'a segment',
    );
    if (type === PT_INTERP) interpreter = reader.textOr(undefined, offset, offset + size, LONGEST_PATH);
    else tags = dynamicTags(reader, offset, offset + size);
  }
  const library = tags.some(({ tag }) => tag === DT_SONAME);
  return { interpreter, library, needed: neededOf(reader, header, tags) };
}

/** What the dynamic linker is told (Elf32_Dyn, Elf64_Dyn). */
interface DynamicTag {
  readonly tag: bigint;
  readonly value: bigint;
}

/** Names of libraries: they are where a segment has the table of names. One that is damaged is left out. */
function neededOf(reader: ElfReader, header: ElfHeader, tags: readonly DynamicTag[]): string[] {
  const names = tags.find(({ tag }) => tag === DT_STRTAB)?.value;
  const segment = names === undefined ? undefined : segmentAt(reader, header, names);
  if (names === undefined || segment === undefined) return [];
  const first = names - segment.address + segment.offset;
  const end = segment.offset + segment.size;
  return tags
    .filter(({ tag }) => tag === DT_NEEDED)
    .slice(0, MOST_NEEDED)
    .map(({ value }) =>
      first + value < end ? reader.textOr('', Number(first + value), Number(end), LONGEST_PATH) : '',
    )
    .filter((name) => name !== '');
}

/** Where in the file the segment is that has an address. */
function segmentAt(
  reader: ElfReader,
  header: ElfHeader,
  address: bigint,
): { readonly address: bigint; readonly offset: bigint; readonly size: bigint } | undefined {
  for (const at of programHeaders(reader, header)) {
    if (reader.u32(at) !== PT_LOAD) continue;
    const word = (wide: number, narrow: number): bigint => reader.word(at + (reader.wide ? wide : narrow));
    const [offset, first, size] = [word(8, 4), word(16, 8), word(32, 16)];
    if (address >= first && address < first + size) return { address: first, offset, size };
  }
  return undefined;
}

function dynamicTags(reader: ElfReader, from: number, end: number): DynamicTag[] {
  const step = reader.wide ? 16 : 8;
  const tags: DynamicTag[] = [];
  for (let at = from; at + step <= end; at += step) {
    const tag = reader.word(at);
    if (tag === DT_NULL) break;
    tags.push({ tag, value: reader.word(at + step / 2) });
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
