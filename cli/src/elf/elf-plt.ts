import type { ElfHeader } from './elf-header.js';
import type { ElfReader } from './elf-reader.js';
import { type ElfSection, SHF_EXECINSTR, SHT_NOBITS, SHT_REL, SHT_RELA, sectionNamed } from './elf-sections.js';
import { type ElfSymbol, readTable, withoutVersion } from './elf-symbols.js';

const EM_386 = 3;
const EM_X86_64 = 62;
const R_GLOB_DAT = 6;
const R_JUMP_SLOT = 7;
/** Sections of stubs that jump through the global offset table. */
const STUBS = ['.plt', '.plt.sec', '.plt.got'] as const;
/** Bytes of a stub where the section does not say. */
const USUAL_STUB = 16;
const ENDBR = [0xf3, 0x0f, 0x1e] as const;
const BND = 0xf2;
const PUSH_NUMBER = 0x68;

/** What the dynamic linker fills in: a slot's address, and the function that it will have the address of. */
interface Relocations {
  readonly bySlot: ReadonlyMap<bigint, string>;
  /** Those of the procedure linkage table, by number. */
  readonly lazy: readonly string[];
}

/**
 * The stubs of the procedure linkage table, which no symbol table names: `printf@plt`, as gdb and objdump write it. A
 * stub is known by the slot that it jumps through (x86's .plt, .plt.sec and .plt.got), or by the number that it pushes
 * for the dynamic linker. Other architectures: none.
 */
export function readPlt(reader: ElfReader, header: ElfHeader, sections: readonly ElfSection[]): ElfSymbol[] {
  const { machine } = header;
  if (machine !== EM_386 && machine !== EM_X86_64) return [];
  const relocations = readRelocations(reader, sections);
  // 32-bit stubs of position-independent code add the address of the table, which %ebx has.
  const table = (sectionNamed(sections, '.got.plt') ?? sectionNamed(sections, '.got'))?.address ?? 0n;
  return STUBS.flatMap((name) => {
    const section = sectionNamed(sections, name);
    if (section === undefined || section.type === SHT_NOBITS || (section.flags & SHF_EXECINSTR) === 0n) return [];
    const bytes = Number(section.entrySize) || USUAL_STUB;
    if (bytes < 8 || bytes > 64) return [];
    const { offset, size } = reader.range(section.offset, section.size, 'a section');
    const end = section.address + section.size;
    const stubs: ElfSymbol[] = [];
    for (let at = 0; at + bytes <= size; at += bytes) {
      const address = section.address + BigInt(at);
      const target = stubTarget(reader, { at: offset + at, bytes, address, table }, relocations);
      if (target === undefined) continue;
      const symbol = { name: `${target}@plt`, address, size: bytes, end, version: undefined };
      stubs.push({ ...symbol, kind: 'function', binding: 'global' });
    }
    return stubs;
  });
}

interface Stub {
  /** Where in the file. */
  readonly at: number;
  readonly bytes: number;
  readonly address: bigint;
  readonly table: bigint;
}

function stubTarget(
  reader: ElfReader,
  { at, bytes, address, table }: Stub,
  { bySlot, lazy }: Relocations,
): string | undefined {
  let skip = ENDBR.every((byte, i) => reader.u8(at + i) === byte) ? 4 : 0;
  // A lazy stub whose jump is elsewhere (.plt.sec) still pushes its relocation's number.
  if (reader.u8(at + skip) === PUSH_NUMBER) return numbered(reader, at + skip, lazy);
  if (reader.u8(at + skip) === BND) skip++;
  if (skip + 6 > bytes || reader.u8(at + skip) !== 0xff) return undefined;
  const operand = BigInt(reader.u32(at + skip + 2));
  const how = reader.u8(at + skip + 1);
  if (how === 0xa3) return bySlot.get(BigInt.asUintN(32, table + operand));
  if (how !== 0x25) return undefined;
  if (!reader.wide) return bySlot.get(operand);
  return bySlot.get(BigInt.asUintN(64, address + BigInt(skip + 6) + BigInt.asIntN(32, operand)));
}

/** The number of a relocation in 64 bits, the place of one in 32. */
function numbered(reader: ElfReader, at: number, lazy: readonly string[]): string | undefined {
  const number = reader.u32(at + 1);
  return lazy[reader.wide ? number : number / 8] || undefined;
}

function readRelocations(reader: ElfReader, sections: readonly ElfSection[]): Relocations {
  const bySlot = new Map<bigint, string>();
  const lazy: string[] = [];
  for (const section of sections) {
    const { type, link, name } = section;
    const symbols = sections[link];
    if ((type !== SHT_RELA && type !== SHT_REL) || symbols === undefined || symbols.size === 0n) continue;
    const isLazy = /\.rela?\.plt$/.test(name);
    if (!isLazy && !/\.rela?\.dyn$/.test(name)) continue;
    const names = [...readTable(reader, sections, symbols)].map((symbol) => withoutVersion(symbol.name));
    const { offset, size } = reader.range(section.offset, section.size, 'a table of relocations');
    const word = reader.wide ? 8 : 4;
    const step = word * (type === SHT_RELA ? 3 : 2);
    for (let at = offset; at + step <= offset + size; at += step) {
      const info = reader.word(at + word);
      const kind = Number(info & (reader.wide ? 0xffff_ffffn : 0xffn));
      const target = names[Number(info >> (reader.wide ? 32n : 8n))] ?? '';
      if (isLazy) lazy.push(target);
      if (target !== '' && (kind === R_JUMP_SLOT || kind === R_GLOB_DAT)) bySlot.set(reader.word(at), target);
    }
  }
  return { bySlot, lazy };
}
