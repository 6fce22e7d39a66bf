import type { ElfReader } from '../elf-reader.js';
import { SHF_EXECINSTR, SHT_NOBITS, sectionNamed } from '../elf-sections.js';
import type { PltInput, PltLayout, Relocations, Stub } from './stub.js';

const R_GLOB_DAT = 6;
const R_JUMP_SLOT = 7;
/** Sections of stubs that jump through the global offset table. */
const STUBS = ['.plt', '.plt.sec', '.plt.got'] as const;
/** Bytes of a stub where the section does not say. */
const USUAL_STUB = 16;
const ENDBR = [0xf3, 0x0f, 0x1e] as const;
const BND = 0xf2;
const PUSH_NUMBER = 0x68;

/**
 * Of i386 and x86-64: a stub is known by the slot that it jumps through (.plt, .plt.sec and .plt.got), or by the number
 * that it pushes for the dynamic linker.
 */
export const X86_PLT: PltLayout = { relocations: [R_JUMP_SLOT, R_GLOB_DAT], find };

function find({ reader, sections, relocations }: PltInput): Stub[] {
  // 32-bit stubs of position-independent code add the address of the table, which %ebx has.
  const table = (sectionNamed(sections, '.got.plt') ?? sectionNamed(sections, '.got'))?.address ?? 0n;
  return STUBS.flatMap((name) => {
    const section = sectionNamed(sections, name);
    if (section === undefined || section.type === SHT_NOBITS || (section.flags & SHF_EXECINSTR) === 0n) return [];
    const size = Number(section.entrySize) || USUAL_STUB;
    if (size < 8 || size > 64) return [];
    const range = reader.range(section.offset, section.size, 'a section');
    const end = section.address + section.size;
    const stubs: Stub[] = [];
    for (let at = 0; at + size <= range.size; at += size) {
      const address = section.address + BigInt(at);
      const found = targetOf(reader, { at: range.offset + at, size, address, table }, relocations);
      if (found !== undefined) stubs.push({ address, size, end, ...found });
    }
    return stubs;
  });
}

interface Place {
  /** Where in the file. */
  readonly at: number;
  readonly size: number;
  readonly address: bigint;
  readonly table: bigint;
}

type Target = Pick<Stub, 'target' | 'lazy'>;

function targetOf(
  reader: ElfReader,
  { at, size, address, table }: Place,
  { bySlot, lazy }: Relocations,
): Target | undefined {
  let skip = ENDBR.every((byte, i) => reader.u8(at + i) === byte) ? 4 : 0;
  // A lazy stub whose jump is elsewhere (.plt.sec) still pushes its relocation's number.
  if (reader.u8(at + skip) === PUSH_NUMBER) return named(numbered(reader, at + skip, lazy), true);
  if (reader.u8(at + skip) === BND) skip++;
  if (skip + 6 > size || reader.u8(at + skip) !== 0xff) return undefined;
  const operand = BigInt(reader.u32(at + skip + 2));
  const how = reader.u8(at + skip + 1);
  if (how === 0xa3) return named(bySlot.get(BigInt.asUintN(32, table + operand)), false);
  if (how !== 0x25) return undefined;
  if (!reader.wide) return named(bySlot.get(operand), false);
  return named(bySlot.get(BigInt.asUintN(64, address + BigInt(skip + 6) + BigInt.asIntN(32, operand))), false);
}

function named(target: string | undefined, lazy: boolean): Target | undefined {
  return target === undefined ? undefined : { target, lazy };
}

/** The number of a relocation in 64 bits, the place of one in 32. */
function numbered(reader: ElfReader, at: number, lazy: readonly string[]): string | undefined {
  const number = reader.u32(at + 1);
  return lazy[reader.wide ? number : number / 8] || undefined;
}
