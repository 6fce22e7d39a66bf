import type { KernelSymbol } from '@hwbp/core';
import { ElfError } from './elf-error.js';
import type { ElfReader } from './elf-reader.js';
import { type ElfSection, SHT_DYNSYM, SHT_SYMTAB } from './elf-sections.js';

const STT_NOTYPE = 0;
const STT_OBJECT = 1;
const STT_FUNC = 2;
const SHN_UNDEF = 0;
/** From here on section numbers are none (absolute, common), but for the last. */
const SHN_LORESERVE = 0xff00;
const SHN_XINDEX = 0xffff;
const STB_LOCAL = 0;
/** Longest name, in bytes. */
const LONGEST_NAME = 65_536;
/**
 * Names may share bytes of the string table, but a table whose names add up to many times its size was made to fill the
 * memory.
 */
const SHARING = 16;

interface Entry extends KernelSymbol {
  /** Lower is named first where several symbols have one address. */
  readonly rank: number;
}

/**
 * Functions, variables and labels that the file defines, at the addresses that the linker gave them, from `.symtab` or,
 * in a stripped file, from `.dynsym`. Version suffixes (`@GLIBC_2.34`) are cut off.
 */
export function readSymbols(reader: ElfReader, sections: readonly ElfSection[]): readonly KernelSymbol[] {
  const table = sections.find(({ type }) => type === SHT_SYMTAB) ?? sections.find(({ type }) => type === SHT_DYNSYM);
  if (table === undefined) return [];
  const strings = sections[table.link];
  if (strings === undefined)
    throw new ElfError(`the symbols' names are in section ${table.link}, which does not exist`);
  const { offset, size } = reader.range(table.offset, table.size, 'the symbol table');
  const names = reader.range(strings.offset, strings.size, 'the table of names');
  let budget = SHARING * names.size + LONGEST_NAME;
  const entrySize = reader.wide ? 24 : 16;
  const entries: Entry[] = [];
  for (let at = offset; at + entrySize <= offset + size; at += entrySize) {
    const info = reader.u8(at + (reader.wide ? 4 : 12));
    const section = reader.u16(at + (reader.wide ? 6 : 14));
    if (!isPlace(info & 0xf, section)) continue;
    const nameOffset = reader.u32(at);
    if (nameOffset >= names.size)
      throw new ElfError(`a symbol's name lies outside the table of names: the file is damaged`);
    const full = reader.text(names.offset + nameOffset, names.offset + names.size, LONGEST_NAME);
    budget -= full.length;
    if (budget < 0) throw new ElfError('the names of the symbols are longer than their table: the file is damaged');
    const name = full.replace(/@.*$/, '');
    // Labels that assemblers leave behind name no place that a user knows.
    if (name === '' || name.startsWith('$') || name.startsWith('.L')) continue;
    const bytes = Number(reader.word(at + (reader.wide ? 16 : 8)));
    const local = info >> 4 === STB_LOCAL;
    const rank = (bytes > 0 ? 0 : 2) + (local ? 1 : 0);
    entries.push({ name, address: reader.word(at + (reader.wide ? 8 : 4)), size: bytes, rank });
  }
  return entries
    .sort((a, b) => a.rank - b.rank)
    .map(({ name, address, size: bytes }) => ({ name, address, size: bytes }));
}

function isPlace(type: number, section: number): boolean {
  if (type !== STT_NOTYPE && type !== STT_OBJECT && type !== STT_FUNC) return false;
  return section !== SHN_UNDEF && (section < SHN_LORESERVE || section === SHN_XINDEX);
}
