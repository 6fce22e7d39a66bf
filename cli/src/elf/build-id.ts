import type { ElfReader } from './elf-reader.js';
import type { ElfSection } from './elf-sections.js';

const SHT_NOTE = 7;
const NT_GNU_BUILD_ID = 3;
/** Bytes of a note before its name: sizes of name and description, type. */
const NOTE_HEADER = 12;
/** Bytes of a build id that others have room for. */
const LONGEST = 20;

const aligned = (size: number): number => (size + 3) & ~3;

/** What the linker has told this file apart from others by; `undefined` if it has not, or damage hides it. */
export function readBuildId(
  bytes: Uint8Array,
  reader: ElfReader,
  sections: readonly ElfSection[],
): Uint8Array | undefined {
  // Sections may be made to lie in each other: what all of them have is read in proportion to the file.
  let left = bytes.length;
  for (const { type, offset, size } of sections) {
    if (type !== SHT_NOTE || offset + size > BigInt(bytes.length)) continue;
    left -= Number(size);
    if (left < 0) return undefined;
    const end = Number(offset + size);
    for (let at = Number(offset); at + NOTE_HEADER <= end; ) {
      const [name, description, note] = [0, 4, 8].map((field) => reader.u32(at + field)) as [number, number, number];
      const from = at + NOTE_HEADER + aligned(name);
      if (from + description > end) break;
      const gnu = name === 4 && reader.textOr('', at + NOTE_HEADER, end, 4) === 'GNU';
      if (gnu && note === NT_GNU_BUILD_ID && description >= 1 && description <= LONGEST) {
        return bytes.slice(from, from + description);
      }
      at = from + aligned(description);
    }
  }
  return undefined;
}
