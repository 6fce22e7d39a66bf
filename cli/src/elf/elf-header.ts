import { ElfError } from './elf-error.js';
import { ElfReader } from './elf-reader.js';

const MAGIC = [0x7f, 0x45, 0x4c, 0x46] as const;
/** Offsets in e_ident. */
const EI_CLASS = 4;
const EI_DATA = 5;
const ELFCLASS32 = 1;
const ELFCLASS64 = 2;
const ELFDATA2LSB = 1;
const ELFDATA2MSB = 2;
const ET_EXEC = 2;
const ET_DYN = 3;
const WHY_NOT: Readonly<Record<number, string>> = {
  1: 'an object file: link it first',
  4: 'a core dump: name the program',
};

/** What the ELF header says, as far as symbols and mappings need it. */
export interface ElfHeader {
  /** e_machine. */
  readonly machine: number;
  /** 64 bits. */
  readonly wide: boolean;
  /** Where execution begins, as the linker says; 0 if nowhere. */
  readonly entry: bigint;
  /** Number of the section with the sections' names; 0 if there is none. */
  readonly sectionNames: number;
  /** True for ET_DYN: position-independent executables and shared objects. */
  readonly positionIndependent: boolean;
  /**
   * Section headers: offset in the file, bytes of each, number (0 in the header can mean more than 65,279: see
   * sections).
   */
  readonly sectionOffset: bigint;
  readonly sectionSize: number;
  readonly sectionCount: number;
  /** Program headers: offset in the file, bytes of each, number. */
  readonly segmentOffset: bigint;
  readonly segmentSize: number;
  readonly segmentCount: number;
}

/** A reader for a file, if it is ELF. Throws `ElfError`. */
export function openElf(bytes: Uint8Array): ElfReader {
  if (MAGIC.some((byte, i) => bytes[i] !== byte)) {
    throw new ElfError('not an ELF file: name the program that was traced, as the linker made it');
  }
  const elfClass = bytes[EI_CLASS];
  const data = bytes[EI_DATA];
  if (elfClass !== ELFCLASS32 && elfClass !== ELFCLASS64)
    throw new ElfError(`ELF class ${elfClass} is neither 32 nor 64 bits`);
  if (data !== ELFDATA2LSB && data !== ELFDATA2MSB)
    throw new ElfError(`ELF byte order ${data} is neither little nor big endian`);
  return new ElfReader(bytes, elfClass === ELFCLASS64, data === ELFDATA2LSB);
}

/** Elf32_Ehdr and Elf64_Ehdr. */
export function readHeader(reader: ElfReader): ElfHeader {
  const type = reader.u16(16);
  if (type !== ET_EXEC && type !== ET_DYN) {
    throw new ElfError(`ELF type ${type} is no program${type in WHY_NOT ? ` but ${WHY_NOT[type]}` : ''}`);
  }
  const [sectionOffset, sizes] = reader.wide ? [reader.word(40), 58] : [reader.word(32), 46];
  const [segmentOffset, segmentSizes] = reader.wide ? [reader.word(32), 54] : [reader.word(28), 42];
  return {
    machine: reader.u16(18),
    wide: reader.wide,
    entry: reader.word(24),
    sectionNames: reader.u16(sizes + 4),
    positionIndependent: type === ET_DYN,
    sectionOffset,
    sectionSize: reader.u16(sizes),
    sectionCount: reader.u16(sizes + 2),
    segmentOffset,
    segmentSize: reader.u16(segmentSizes),
    segmentCount: reader.u16(segmentSizes + 2),
  };
}
