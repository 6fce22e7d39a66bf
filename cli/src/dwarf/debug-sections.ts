import { inflateSync } from 'node:zlib';
import { ElfError } from '../elf/elf-error.js';
import type { ElfReader } from '../elf/elf-reader.js';
import { type ElfSection, SHF_COMPRESSED, SHT_NOBITS, sectionNamed } from '../elf/elf-sections.js';

/** Bytes of a section that are read at most. */
const MOST_BYTES = 64 * 1024 * 1024;
const ELFCOMPRESS_ZLIB = 1;

/** The sections that debug information is in; one that the file does not have is empty. */
export interface DebugSections {
  readonly info: Uint8Array;
  readonly abbrev: Uint8Array;
  readonly str: Uint8Array;
  readonly lineStr: Uint8Array;
  readonly strOffsets: Uint8Array;
  readonly addr: Uint8Array;
}

/** Finds them, and unpacks what is compressed (SHF_COMPRESSED). Throws `ElfError`. */
export function debugSections(file: Uint8Array, reader: ElfReader, sections: readonly ElfSection[]): DebugSections {
  const bytes = (name: string): Uint8Array => {
    const section = sectionNamed(sections, name);
    return section === undefined || section.type === SHT_NOBITS ? NOTHING : unpack(file, reader, section);
  };
  return {
    info: bytes('.debug_info'),
    abbrev: bytes('.debug_abbrev'),
    str: bytes('.debug_str'),
    lineStr: bytes('.debug_line_str'),
    strOffsets: bytes('.debug_str_offsets'),
    addr: bytes('.debug_addr'),
  };
}

function unpack(file: Uint8Array, reader: ElfReader, section: ElfSection): Uint8Array {
  const { name } = section;
  const { offset, size } = reader.range(section.offset, section.size, name);
  if (size > MOST_BYTES) throw tooLarge(name, size);
  if ((section.flags & SHF_COMPRESSED) === 0n) return file.subarray(offset, offset + size);
  // Elf64_Chdr, Elf32_Chdr: type, (reserved,) size, alignment.
  const header = reader.wide ? 24 : 12;
  if (reader.u32(offset) !== ELFCOMPRESS_ZLIB)
    throw new ElfError(`${name} is compressed in a way that is not known here: objcopy --decompress-debug-sections`);
  const unpacked = Number(reader.word(offset + (reader.wide ? 8 : 4)));
  if (unpacked > MOST_BYTES) throw tooLarge(name, unpacked);
  try {
    return new Uint8Array(
      inflateSync(file.subarray(offset + header, offset + size), { maxOutputLength: Math.max(1, unpacked) }),
    );
  } catch (error) {
    throw new ElfError(`${name} cannot be unpacked: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function tooLarge(name: string, bytes: number): ElfError {
  return new ElfError(`${name} has ${bytes} bytes, more than the ${MOST_BYTES} that are read`);
}

const NOTHING = new Uint8Array(0);
