import { ElfError } from './elf-error.js';
import type { ElfHeader } from './elf-header.js';
import type { ElfReader } from './elf-reader.js';

export const SHT_SYMTAB = 2;
export const SHT_DYNSYM = 11;
/** The section is in memory while the program runs. */
export const SHF_ALLOC = 2n;

/** One section header (Elf32_Shdr, Elf64_Shdr). */
export interface ElfSection {
  readonly type: number;
  readonly flags: bigint;
  readonly address: bigint;
  readonly offset: bigint;
  readonly size: bigint;
  /** For symbol tables: the section with their names. */
  readonly link: number;
}

function readSection(reader: ElfReader, at: number): ElfSection {
  const type = reader.u32(at + 4);
  if (reader.wide) {
    const [flags, address, offset, size] = [8, 16, 24, 32].map((field) => reader.word(at + field)) as [
      bigint,
      bigint,
      bigint,
      bigint,
    ];
    return { type, flags, address, offset, size, link: reader.u32(at + 40) };
  }
  const [flags, address, offset, size] = [8, 12, 16, 20].map((field) => reader.word(at + field)) as [
    bigint,
    bigint,
    bigint,
    bigint,
  ];
  return { type, flags, address, offset, size, link: reader.u32(at + 24) };
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
  return Array.from({ length: Number(count) }, (_, i) => readSection(reader, offset + i * sectionSize));
}
