import type { ElfHeader } from '../elf-header.js';
import type { ElfReader } from '../elf-reader.js';
import { type ElfSection, SHT_REL, SHT_RELA } from '../elf-sections.js';
import { type ElfSymbol, readTable, withoutVersion } from '../elf-symbols.js';
import { EM_386, EM_AARCH64, EM_PPC64, EM_X86_64 } from '../machines.js';
import { AARCH64_PLT } from './aarch64-stubs.js';
import { PPC64_PLT } from './ppc64-stubs.js';
import type { PltLayout, Relocations, Stub } from './stub.js';
import { X86_PLT } from './x86-stubs.js';

/** By e_machine. */
const LAYOUTS: ReadonlyMap<number, PltLayout> = new Map([
  [EM_386, X86_PLT],
  [EM_X86_64, X86_PLT],
  [EM_AARCH64, AARCH64_PLT],
  [EM_PPC64, PPC64_PLT],
]);

/** The procedure linkage table. */
export interface Plt {
  /** Its stubs with the names that gdb and objdump write, `printf@plt`; no symbol table has them. */
  readonly symbols: readonly ElfSymbol[];
  /** What the dynamic linker fills in: by the address of a slot, the function that it will have the address of. */
  readonly slots: ReadonlyMap<bigint, string>;
  /** What of the code it is. */
  readonly ranges: readonly { readonly address: bigint; readonly size: bigint }[];
}

/** Reads it; of architectures whose stubs are not known: nothing. `places`: what symbol tables name. */
export function readPlt(
  reader: ElfReader,
  { machine }: ElfHeader,
  sections: readonly ElfSection[],
  places: readonly ElfSymbol[],
): Plt {
  const layout = LAYOUTS.get(machine);
  if (layout === undefined) return { symbols: [], slots: new Map(), ranges: [] };
  const relocations = readRelocations(reader, sections, new Set(layout.relocations));
  const stubs = layout.find({ reader, sections, relocations, places });
  return {
    symbols: stubs.flatMap(({ target, address, size, end, lazy }: Stub) =>
      target === undefined
        ? []
        : [
            {
              name: `${target}@plt`,
              address,
              size,
              end,
              version: undefined,
              kind: lazy ? 'lazy stub' : 'function',
              binding: 'global',
            },
          ],
    ),
    slots: relocations.bySlot,
    ranges: stubs.map(({ address, size }) => ({ address, size: BigInt(size) })),
  };
}

function readRelocations(reader: ElfReader, sections: readonly ElfSection[], kinds: ReadonlySet<number>): Relocations {
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
      if (target !== '' && kinds.has(kind)) bySlot.set(reader.word(at), target);
    }
  }
  return { bySlot, lazy };
}
