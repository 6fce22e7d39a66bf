import type { ElfReader } from '../elf-reader.js';
import { SHF_EXECINSTR, SHT_NOBITS, sectionNamed } from '../elf-sections.js';
import type { PltInput, PltLayout, Relocations, Stub } from './stub.js';

const R_AARCH64_GLOB_DAT = 1025;
const R_AARCH64_JUMP_SLOT = 1026;
const PAGE = 4096n;
/** Instructions (Arm ARM, C6.2). */
const BTI_C = 0xd503245f;
const AUTIA1716 = 0xd503219f;
const BR_X17 = 0xd61f0220;
const NOP = 0xd503201f;

/**
 * Of AArch64 (64-bit): a stub loads x17 from its slot and jumps there. With branch protection a landing pad comes
 * first, and the address is authenticated; sections do not say how long that makes a stub, so each is decoded.
 */
export const AARCH64_PLT: PltLayout = { relocations: [R_AARCH64_JUMP_SLOT, R_AARCH64_GLOB_DAT], find };

function find({ reader, sections, relocations }: PltInput): Stub[] {
  const section = sectionNamed(sections, '.plt');
  if (!reader.wide || section === undefined) return [];
  if (section.type === SHT_NOBITS || (section.flags & SHF_EXECINSTR) === 0n) return [];
  const { offset, size } = reader.range(section.offset, section.size, 'a section');
  const end = section.address + section.size;
  const stubs: Stub[] = [];
  for (let at = 0; at + 16 <= size; ) {
    const address = section.address + BigInt(at);
    const stub = stubAt(reader, { at: offset + at, end: offset + size, address }, relocations);
    if (stub !== undefined) stubs.push({ address, end, lazy: false, ...stub });
    at += stub?.size ?? 4;
  }
  return stubs;
}

interface Place {
  /** Where in the file, and where its section ends there. */
  readonly at: number;
  readonly end: number;
  readonly address: bigint;
}

/** The stub that begins at a place. */
function stubAt(
  reader: ElfReader,
  { at, end, address }: Place,
  { bySlot }: Relocations,
): Pick<Stub, 'size' | 'target'> | undefined {
  let next = at;
  // Instructions are little endian whatever the data are.
  const take = (): number => {
    const word = next + 4 <= end ? reader.littleU32(next) : 0;
    next += 4;
    return word;
  };
  let page = take();
  if (page === BTI_C) page = take();
  // ADRP x16; LDR x17, [x16, #offset]; ADD x16, x16, #offset
  if ((page & 0x9f00001f) >>> 0 !== 0x90000010) return undefined;
  const from = address + BigInt(next - 4 - at);
  const load = take();
  if ((load & 0xffc003ff) >>> 0 !== 0xf9400211) return undefined;
  if ((take() & 0xffc003ff) >>> 0 !== 0x91000210) return undefined;
  let jump = take();
  if (jump === AUTIA1716) jump = take();
  if (jump !== BR_X17) return undefined;
  const pages = BigInt.asIntN(21, (BigInt(page >>> 5) & 0x7ffffn) * 4n + (BigInt(page >>> 29) & 3n));
  const slot = (from / PAGE + pages) * PAGE + BigInt((load >>> 10) & 0xfff) * 8n;
  const target = bySlot.get(BigInt.asUintN(64, slot));
  if (target === undefined) return undefined;
  while (next + 4 <= end && reader.littleU32(next) === NOP) next += 4;
  return { size: next - at, target };
}
