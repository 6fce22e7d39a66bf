import type { KernelSymbol } from '@hwbp/core';
import { openElf, readHeader } from './elf-header.js';
import { readSections, SHF_ALLOC } from './elf-sections.js';
import { type ElfSegment, readSegments } from './elf-segments.js';
import { readSymbols } from './elf-symbols.js';

/** What hwbp knows of a program. Addresses are the linker's. */
export interface ElfFile {
  /** True if the program is loaded somewhere else than the linker said: its addresses need a load bias. */
  readonly positionIndependent: boolean;
  /** By importance: those with a size first, global before local. */
  readonly symbols: readonly KernelSymbol[];
  /** What is in memory while it runs. */
  readonly image: readonly { readonly address: bigint; readonly size: bigint }[];
  /** What of the file is loaded, and where. */
  readonly segments: readonly ElfSegment[];
}

/** Reads an ELF file of either word size and byte order. Throws `ElfError` for anything else, however it is damaged. */
export function readElf(bytes: Uint8Array): ElfFile {
  const reader = openElf(bytes);
  const header = readHeader(reader);
  const sections = readSections(reader, header);
  return {
    positionIndependent: header.positionIndependent,
    symbols: readSymbols(reader, sections),
    image: sections
      .filter(({ flags, size }) => (flags & SHF_ALLOC) !== 0n && size > 0n)
      .map(({ address, size }) => ({ address, size })),
    segments: readSegments(reader, header, bytes),
  };
}
