import type { KernelSymbol } from '@hwbp/core';
import { ElfError } from './elf-error.js';
import type { ElfReader } from './elf-reader.js';
import { type ElfSection, SHF_ALLOC, SHF_TLS, SHT_DYNSYM, SHT_SYMTAB } from './elf-sections.js';
import type { EntryOf } from './function-descriptors.js';

const STT_NOTYPE = 0;
const STT_OBJECT = 1;
const STT_FUNC = 2;
const STT_COMMON = 5;
const STT_TLS = 6;
const STT_GNU_IFUNC = 10;
const SHN_UNDEF = 0;
/** From here on section numbers are none (absolute, common), but for the last. */
const SHN_LORESERVE = 0xff00;
const SHN_ABS = 0xfff1;
const SHN_XINDEX = 0xffff;
const STB_LOCAL = 0;
const STB_WEAK = 2;
/** Longest name, in bytes. */
const LONGEST_NAME = 65_536;
/**
 * Names may share bytes of the string table, but a table whose names add up to many times its size was made to fill the
 * memory.
 */
const SHARING = 16;

/** Something at an address that the linker gave it. */
export interface ElfSymbol extends KernelSymbol {
  /** `lazy stub`: what a stub does the first time, shown by the stub's name and not meant by it. */
  readonly kind: 'function' | 'variable' | 'label' | 'lazy stub';
  readonly binding: 'local' | 'global' | 'weak';
  /** What it is versioned with, as in `stdout@GLIBC_2.2.5`; `undefined` if the table does not say. */
  readonly version: string | undefined;
  /** First address behind its section. */
  readonly end: bigint;
}

/** Why a name that a program has is no place in its memory. */
export type Placeless = 'thread-local' | 'indirect function' | 'imported' | 'absolute';

/** What a symbol table has. */
export interface ElfSymbols {
  /** Functions, variables and labels. By importance: those with a size first, global before local. */
  readonly places: readonly ElfSymbol[];
  /** Names of what has no address that could be watched, and why. */
  readonly placeless: ReadonlyMap<string, Placeless>;
}

/** One entry of a symbol table. */
export interface RawSymbol {
  readonly type: number;
  readonly bind: number;
  /** st_shndx. */
  readonly section: number;
  readonly value: bigint;
  /** Bytes. */
  readonly size: number;
  /** With its version, if the table has it. */
  readonly name: string;
}

/**
 * What the file names, from `.symtab` or, in a stripped file, from `.dynsym`. Version suffixes (`@GLIBC_2.34`) are cut
 * off the names.
 */
export function readSymbols(reader: ElfReader, sections: readonly ElfSection[], entryOf: EntryOf): ElfSymbols {
  const table = sections.find(({ type }) => type === SHT_SYMTAB) ?? sections.find(({ type }) => type === SHT_DYNSYM);
  const places: ElfSymbol[] = [];
  const placeless = new Map<string, Placeless>();
  for (const raw of table === undefined ? [] : readTable(reader, sections, table)) {
    const [name = '', version] = raw.name.split(/@+/, 2);
    // Labels that assemblers leave behind name no place that a user knows.
    if (name === '' || name.startsWith('$') || name.startsWith('.L')) continue;
    if (isPlace(raw)) places.push({ ...placeOf(raw, sections, entryOf), name, version });
    const why = whyPlaceless(raw);
    if (why !== undefined) placeless.set(name, why);
  }
  const rank = ({ size, binding }: ElfSymbol): number => (size > 0 ? 0 : 2) + (binding === 'local' ? 1 : 0);
  places.sort((a, b) => rank(a) - rank(b));
  return { places, placeless };
}

/** What is before the version of a name, as in `stdout@GLIBC_2.2.5`. */
export function withoutVersion(name: string): string {
  const at = name.indexOf('@');
  return at < 0 ? name : name.slice(0, at);
}

/** The entries of a symbol table, by number. Throws `ElfError`. */
export function* readTable(
  reader: ElfReader,
  sections: readonly ElfSection[],
  table: ElfSection,
): Generator<RawSymbol> {
  const strings = sections[table.link];
  if (strings === undefined)
    throw new ElfError(`the symbols' names are in section ${table.link}, which does not exist`);
  const { offset, size } = reader.range(table.offset, table.size, 'the symbol table');
  const names = reader.range(strings.offset, strings.size, 'the table of names');
  let budget = SHARING * names.size + LONGEST_NAME;
  const entrySize = reader.wide ? 24 : 16;
  for (let at = offset; at + entrySize <= offset + size; at += entrySize) {
    const info = reader.u8(at + (reader.wide ? 4 : 12));
    const nameOffset = reader.u32(at);
    if (nameOffset !== 0 && nameOffset >= names.size)
      throw new ElfError(`a symbol's name lies outside the table of names: the file is damaged`);
    const end = names.offset + names.size;
    const name = nameOffset === 0 ? '' : reader.text(names.offset + nameOffset, end, LONGEST_NAME);
    budget -= name.length;
    if (budget < 0) throw new ElfError('the names of the symbols are longer than their table: the file is damaged');
    yield {
      type: info & 0xf,
      bind: info >> 4,
      section: reader.u16(at + (reader.wide ? 6 : 14)),
      value: reader.word(at + (reader.wide ? 8 : 4)),
      size: Number(reader.word(at + (reader.wide ? 16 : 8))),
      name,
    };
  }
}

function isPlace({ type, section }: RawSymbol): boolean {
  if (type !== STT_NOTYPE && type !== STT_OBJECT && type !== STT_FUNC) return false;
  return section !== SHN_UNDEF && (section < SHN_LORESERVE || section === SHN_XINDEX);
}

function placeOf({ type, bind, section, value, size }: RawSymbol, sections: readonly ElfSection[], entryOf: EntryOf) {
  const address = type === STT_FUNC ? entryOf(value) : value;
  const inside = ({ address: first, size: bytes, flags }: ElfSection): boolean =>
    (flags & SHF_ALLOC) !== 0n && (flags & SHF_TLS) === 0n && address >= first && address < first + bytes;
  const own = section < SHN_LORESERVE && address === value ? sections[section] : sections.find(inside);
  return {
    address,
    size,
    kind: type === STT_FUNC ? 'function' : type === STT_OBJECT ? 'variable' : 'label',
    binding: bind === STB_LOCAL ? 'local' : bind === STB_WEAK ? 'weak' : 'global',
    end: own === undefined ? address + BigInt(size) : own.address + own.size,
  } as const;
}

function whyPlaceless({ type, section }: RawSymbol): Placeless | undefined {
  if (type > STT_FUNC && type !== STT_COMMON && type !== STT_TLS && type !== STT_GNU_IFUNC) return undefined;
  if (section === SHN_UNDEF) return 'imported';
  if (type === STT_TLS) return 'thread-local';
  if (type === STT_GNU_IFUNC) return 'indirect function';
  return section === SHN_ABS ? 'absolute' : undefined;
}
