import { Bytes } from './bytes.js';
import type { SymbolMachine } from './machine.js';

/** A section of an ELF file. */
export interface ElfSection {
  readonly name: string;
  /** `progbits`: bytes that are in the file. `nobits`: only in memory. */
  readonly type: 'progbits' | 'nobits';
  /** In memory; 0 for what never is. */
  readonly address: bigint;
  readonly size: number;
  readonly bytes?: Uint8Array;
  /** `text` is executed, `data` is stored to, `none` is not in memory. */
  readonly memory: 'text' | 'data' | 'none';
}

/** A symbol of an ELF file. */
export interface ElfSymbol {
  readonly name: string;
  readonly address: bigint;
  readonly size: number;
  readonly kind: 'function' | 'object' | 'none';
  /** Place of its section in the list; `undefined`: its value is no address of a section. */
  readonly section: number | undefined;
}

const [SHT_PROGBITS, SHT_SYMTAB, SHT_STRTAB, SHT_NOBITS] = [1, 2, 3, 8];
const FLAGS = { text: 2 | 4, data: 2 | 1, none: 0 } as const;
const KINDS = { none: 0, object: 1, function: 2 } as const;
const [STB_GLOBAL, SHN_ABS, ET_EXEC, HEADER, SECTION_HEADER, SYMBOL] = [1 << 4, 0xfff1, 2, 64, 64, 24];

/** Names one behind the other, each with where it begins. */
class Names {
  readonly #bytes = new Bytes(true).u8(0);

  add(name: string): number {
    const at = this.#bytes.length;
    this.#bytes.text(name);
    return at;
  }

  get bytes(): Uint8Array {
    return this.#bytes.take();
  }
}

interface Placed {
  readonly name: string;
  readonly type: number;
  readonly flags: number;
  readonly address: bigint;
  readonly size: number;
  readonly bytes: Uint8Array;
  readonly link: number;
  readonly info: number;
  readonly entry: number;
}

/** An ELF file of 64 bits with these sections and symbols, which nobody executes (System V gABI). */
export function elfFile(
  { machine, flags, little }: SymbolMachine,
  sections: readonly ElfSection[],
  symbols: readonly ElfSymbol[],
): Uint8Array {
  const names = new Names();
  const table = new Bytes(little).append(new Uint8Array(SYMBOL));
  for (const { name, address, size, kind, section } of symbols) {
    table
      .u32(names.add(name))
      .u8(STB_GLOBAL | KINDS[kind], 0)
      .u16(section === undefined ? SHN_ABS : section + 1);
    table.u64(address).u64(BigInt(size));
  }
  const none = { address: 0n, flags: 0, link: 0, info: 0, entry: 0 };
  const all: Placed[] = sections.map(({ name, type, address, size, bytes = new Uint8Array(0), memory }) => ({
    ...none,
    ...{ name, address, size, bytes, type: type === 'nobits' ? SHT_NOBITS : SHT_PROGBITS, flags: FLAGS[memory] },
  }));
  const [tableBytes, nameBytes] = [table.take(), names.bytes];
  const symtab = { ...none, name: '.symtab', type: SHT_SYMTAB, size: tableBytes.length, bytes: tableBytes };
  all.push({ ...symtab, link: sections.length + 2, info: 1, entry: SYMBOL });
  all.push({ ...none, name: '.strtab', type: SHT_STRTAB, size: nameBytes.length, bytes: nameBytes });
  const sectionNames = new Names();
  const nameAt = all.map(({ name }) => sectionNames.add(name));
  nameAt.push(sectionNames.add('.shstrtab'));
  const { bytes } = sectionNames;
  all.push({ ...none, name: '.shstrtab', type: SHT_STRTAB, size: bytes.length, bytes });

  const body = new Bytes(little);
  const headers = new Bytes(little).append(new Uint8Array(SECTION_HEADER));
  for (const [index, one] of all.entries()) {
    body.align(8);
    headers
      .u32(nameAt[index] as number)
      .u32(one.type)
      .u64(BigInt(one.flags))
      .u64(one.address);
    headers
      .u64(BigInt(HEADER + body.length))
      .u64(BigInt(one.size))
      .u32(one.link)
      .u32(one.info);
    headers.u64(8n).u64(BigInt(one.entry));
    body.append(one.bytes);
  }
  body.align(8);
  const file = new Bytes(little).u8(0x7f, 0x45, 0x4c, 0x46, 2, little ? 1 : 2, 1).align(16);
  file
    .u16(ET_EXEC)
    .u16(machine)
    .u32(1)
    .u64(0n)
    .u64(0n)
    .u64(BigInt(HEADER + body.length))
    .u32(flags);
  file
    .u16(HEADER)
    .u16(0)
    .u16(0)
    .u16(SECTION_HEADER)
    .u16(all.length + 1)
    .u16(all.length);
  return file.append(body.take()).append(headers.take()).take();
}
