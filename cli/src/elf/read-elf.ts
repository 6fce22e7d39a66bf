import type { KernelSymbol } from '@hwbp/core';
import { type DebugInformation, readDebugInformation } from '../dwarf/debug-information.js';
import { readBuildId } from './build-id.js';
import { openElf, readHeader } from './elf-header.js';
import { readSections, SHF_ALLOC, SHF_EXECINSTR, SHF_TLS } from './elf-sections.js';
import { type ElfSegment, readLinking, readSegments } from './elf-segments.js';
import { type ElfSymbol, type Placeless, readSymbols } from './elf-symbols.js';
import { readDescriptors } from './function-descriptors.js';
import { readPlt } from './plt/read-plt.js';
import { subtract } from './subtract.js';
import { TextReader } from './text-reader.js';

/** What hwbp knows of a program. Addresses are the linker's. */
export interface ElfFile {
  /** True if the program is loaded somewhere else than the linker said: its addresses need a load bias. */
  readonly positionIndependent: boolean;
  /** What tells its contents apart from another program's (NT_GNU_BUILD_ID), if it says. */
  readonly buildId: Uint8Array | undefined;
  /** Where execution begins; 0 if the file does not say, or is a library. */
  readonly entry: bigint;
  /** The dynamic linker that it is started with. */
  readonly interpreter: string | undefined;
  /** File names of the libraries that it is linked with. */
  readonly needed: readonly string[];
  /** By importance: those with a size first, global before local. */
  readonly symbols: readonly KernelSymbol[];
  /** The same with what else is known of them, and stubs such as `printf@plt`. */
  readonly places: readonly ElfSymbol[];
  /** Names of what has no address that could be watched, and why. */
  readonly placeless: ReadonlyMap<string, Placeless>;
  /** Words that the dynamic linker gives the addresses of functions, by their own addresses, and the functions. */
  readonly slots: ReadonlyMap<bigint, string>;
  /** What is in memory while it runs. */
  readonly image: readonly { readonly address: bigint; readonly size: bigint }[];
  /** What of the file is loaded, and where. */
  readonly segments: readonly ElfSegment[];
  /** What it says of its instructions. */
  readonly text: TextReader;
  /** Its code without the stubs that call others: sections that are executed, but for the procedure linkage table. */
  readonly code: readonly { readonly address: bigint; readonly size: bigint }[];
  /** What it says of variables and their types, read when it is asked for; throws `ElfError` if that is damaged. */
  debugInformation(): DebugInformation;
}

/** Reads an ELF file of either word size and byte order. Throws `ElfError` for anything else, however it is damaged. */
export function readElf(bytes: Uint8Array): ElfFile {
  const reader = openElf(bytes);
  const header = readHeader(reader);
  const sections = readSections(reader, header);
  const segments = readSegments(reader, header, bytes);
  const entryOf = readDescriptors(reader, header, sections);
  const { places, placeless } = readSymbols(reader, sections, entryOf);
  const plt = readPlt(reader, header, sections, places);
  const { interpreter, library, needed } = readLinking(reader, header);
  let debug: DebugInformation | undefined;
  return {
    positionIndependent: header.positionIndependent,
    buildId: readBuildId(bytes, reader, sections),
    entry: library ? 0n : entryOf(header.entry),
    interpreter,
    needed,
    symbols: places.map(({ name, address, size }) => ({ name, address, size })),
    places: [...places, ...plt.symbols],
    placeless,
    slots: plt.slots,
    image: sections
      .filter(({ flags, size }) => (flags & SHF_ALLOC) !== 0n && (flags & SHF_TLS) === 0n && size > 0n)
      .map(({ address, size }) => ({ address, size })),
    segments,
    text: new TextReader(header, segments),
    code: subtract(
      sections.filter(
        ({ flags, size, name }) => (flags & SHF_EXECINSTR) !== 0n && size > 0n && !/^\.i?plt\b/.test(name),
      ),
      plt.ranges,
    ),
    debugInformation: () => {
      debug ??= readDebugInformation(bytes, reader, sections);
      return debug;
    },
  };
}
