import type { ElfHeader } from './elf-header.js';
import type { ElfReader } from './elf-reader.js';
import { type ElfSection, SHT_NOBITS, sectionNamed } from './elf-sections.js';
import { EM_PPC64 } from './machines.js';

/** Says where the code of a function begins. */
export type EntryOf = (address: bigint) => bigint;

/**
 * The functions of big-endian ppc64 (64-bit PowerPC ELF ABI, "Function Descriptors"): their symbols, and the program's
 * entry point, name a descriptor in `.opd`, whose first doubleword has the address of the code. Other addresses, and
 * those of other programs, are what they are.
 */
export function readDescriptors(reader: ElfReader, { machine }: ElfHeader, sections: readonly ElfSection[]): EntryOf {
  const section = machine === EM_PPC64 && reader.wide ? sectionNamed(sections, '.opd') : undefined;
  if (section === undefined || section.type === SHT_NOBITS) return (address) => address;
  const { address: first, size } = section;
  const { offset } = reader.range(section.offset, size, 'a section');
  return (address) => {
    if (address < first || address + 8n > first + size) return address;
    // Zero: the dynamic linker will write it.
    return reader.word(offset + Number(address - first)) || address;
  };
}
