/** A symbol of a made-up ELF file. */
export interface TinySymbol {
  readonly name: string;
  readonly value: bigint;
  readonly size: bigint;
  /** STT_*, default 1 (OBJECT). */
  readonly type?: number;
  /** STB_*, default 1 (GLOBAL). */
  readonly bind?: number;
  /** Section number, default 1. */
  readonly section?: number;
}

/** How a made-up ELF file is. */
export interface TinyElf {
  readonly wide: boolean;
  readonly little: boolean;
  /** e_type, default 2 (EXEC). */
  readonly type?: number;
  readonly symbols: readonly TinySymbol[];
  /** Default SHT_SYMTAB (2); SHT_DYNSYM is 11. */
  readonly table?: number;
}

/** An ELF file with one section that is loaded (0x1000 to 0x9000), a table of symbols, and their names. */
export function tinyElf({ wide, little, type = 2, symbols, table = 2 }: TinyElf): Uint8Array {
  const names = Buffer.from(`\0${symbols.map(({ name }) => `${name}\0`).join('')}`);
  const [headerSize, sectionSize, symbolSize] = wide ? [64, 64, 24] : [52, 40, 16];
  const symbolsAt = headerSize + 4 * sectionSize;
  const namesAt = symbolsAt + symbolSize * symbols.length;
  const bytes = new Uint8Array(namesAt + names.length);
  const view = new DataView(bytes.buffer);
  const u16 = (at: number, value: number): void => view.setUint16(at, value, little);
  const u32 = (at: number, value: number): void => view.setUint32(at, value, little);
  const word = (at: number, value: bigint): void =>
    wide ? view.setBigUint64(at, value, little) : view.setUint32(at, Number(value), little);
  bytes.set([0x7f, 0x45, 0x4c, 0x46, wide ? 2 : 1, little ? 1 : 2, 1]);
  u16(16, type);
  word(wide ? 40 : 32, BigInt(headerSize));
  u16(wide ? 58 : 46, sectionSize);
  u16(wide ? 60 : 48, 4);
  const section = (
    index: number,
    kind: number,
    flags: bigint,
    address: bigint,
    offset: number,
    size: number,
    link: number,
  ): void => {
    const at = headerSize + index * sectionSize;
    const step = wide ? 8 : 4;
    u32(at + 4, kind);
    word(at + 8, flags);
    word(at + 8 + step, address);
    word(at + 8 + 2 * step, BigInt(offset));
    word(at + 8 + 3 * step, BigInt(size));
    u32(at + 8 + 4 * step, link);
  };
  section(1, 1, 2n, 0x1000n, 0, 0x8000, 0);
  section(2, table, 0n, 0n, symbolsAt, symbolSize * symbols.length, 3);
  section(3, 3, 0n, 0n, namesAt, names.length, 0);
  let nameAt = 1;
  for (const [i, symbol] of symbols.entries()) {
    const at = symbolsAt + i * symbolSize;
    const info = ((symbol.bind ?? 1) << 4) | (symbol.type ?? 1);
    u32(at, nameAt);
    nameAt += Buffer.byteLength(symbol.name) + 1;
    bytes[at + (wide ? 4 : 12)] = info;
    u16(at + (wide ? 6 : 14), symbol.section ?? 1);
    word(at + (wide ? 8 : 4), symbol.value);
    word(at + (wide ? 16 : 8), symbol.size);
  }
  bytes.set(names, namesAt);
  return bytes;
}
