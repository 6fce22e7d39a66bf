import { ElfError } from './elf-error.js';
import type { ElfHeader } from './elf-header.js';
import type { ElfReader } from './elf-reader.js';

export const SHT_SYMTAB = 2;
export const SHT_DYNSYM = 11;
export const SHT_RELA = 4;
export const SHT_NOBITS = 8;
export const SHT_REL = 9;
/** The section is in memory while the program runs. */
export const SHF_ALLOC = 2n;
export const SHF_EXECINSTR = 4n;
/** Every thread has its own: the addresses say where in that. */
export const SHF_TLS = 0x400n;
/** What the file has of it is compressed. */
export const SHF_COMPRESSED = 0x800n;
/** Longest name of a section that is read, in bytes. */
const LONGEST_NAME = 256;

/** One section header (Elf32_Shdr, Elf64_Shdr). */
export interface ElfSection {
  /** Such as `.text`; empty if the file does not say. */
  readonly name: string;
  readonly type: number;
  readonly flags: bigint;
  readonly address: bigint;
  readonly offset: bigint;
  readonly size: bigint;
  /** For symbol tables: the section with their names. For relocations: the section with their symbols. */
  readonly link: number;
  /** Bytes of each entry; 0 if it has none. */
  readonly entrySize: bigint;
}

/** A section without its name, and where its name begins among the names. */
interface Header extends Omit<ElfSection, 'name'> {
  readonly nameAt: number;
}

function readSection(reader: ElfReader, at: number): Header {
  const nameAt = reader.u32(at);
  const type = reader.u32(at + 4);
  if (reader.wide) {
    const [flags, address, offset, size] = [8, 16, 24, 32].map((field) => reader.word(at + field)) as [
      bigint,
      bigint,
      bigint,
      bigint,
    ];
    const entrySize = reader.word(at + 56);
    return { nameAt, type, flags, address, offset, size, link: reader.u32(at + 40), entrySize };
  }
  const [flags, address, offset, size] = [8, 12, 16, 20].map((field) => reader.word(at + field)) as [
    bigint,
    bigint,
    bigint,
    bigint,
  ];
  const entrySize = reader.word(at + 36);
  return { nameAt, type, flags, address, offset, size, link: reader.u32(at + 24), entrySize };
}

/** The section headers, by number; none if the file has been stripped of them. */
export function readSections(reader: ElfReader, header: ElfHeader): readonly ElfSection[] {
  const { sectionOffset, sectionSize } = header;
  if (sectionOffset === 0n) return [];
  const least = reader.wide ? 64 : 40;
  if (sectionSize < least)
    throw new ElfError(`section headers of ${sectionSize} bytes are shorter than ${least}: the file is damaged`);
  const { offset } = reader.range(sectionOffset, BigInt(sectionSize), 'the first section header');
  // More sections than the header's field holds: the first section's size has their number.
  const count = header.sectionCount === 0 ? readSection(reader, offset).size : BigInt(header.sectionCount);
  reader.range(sectionOffset, count * BigInt(sectionSize), 'the table of sections');
  const headers = Array.from({ length: Number(count) }, (_, i) => readSection(reader, offset + i * sectionSize));
  const names = headers[header.sectionNames];
  return headers.map(({ nameAt, ...section }) => ({ name: nameOf(reader, names, nameAt), ...section }));
}

/** A name that the file does not have is none: only debug information and the procedure linkage table need them. */
function nameOf(reader: ElfReader, names: Header | undefined, at: number): string {
  if (names === undefined || names.type === 0 || BigInt(at) >= names.size) return '';
  const place = names.offset + BigInt(at);
  if (place >= BigInt(reader.length)) return '';
  return reader.textOr('', Number(place), Number(names.offset + names.size), LONGEST_NAME);
}

/** The section of that name. */
export function sectionNamed(sections: readonly ElfSection[], name: string): ElfSection | undefined {
  return sections.find((section) => section.name === name);
}
