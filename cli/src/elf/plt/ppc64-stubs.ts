import type { ElfReader } from '../elf-reader.js';
import { type ElfSection, SHF_EXECINSTR, SHT_NOBITS, sectionNamed } from '../elf-sections.js';
import type { PltInput, PltLayout, Relocations, Stub } from './stub.js';

const R_PPC64_JMP_SLOT = 21;
/** The TOC pointer (r2) points so far behind the beginning of the table (64-bit ELF V1 and V2 ABI, "TOC"). */
const TOC_BIAS = 0x8000n;
/** One table can be reached with 16 bits; a program with more has several, and r2 is another in each part of it. */
const MOST_TOC = 0x10000n;
/** Instructions (Power ISA, Book I). */
const MTCTR_R12 = 0x7d8903a6;
const BCTR = 0x4e800420;
const BLR = 0x4e800020;
const NOP = 0x60000000;
/** std r2,24(r1) and std r2,40(r1): the caller's TOC pointer, where ELF V2 and V1 have it. */
const SAVES: ReadonlySet<number> = new Set([0xf8410018, 0xf8410028]);
/** Instructions between MTCTR and BCTR at most: the callee's TOC pointer and environment, of ELF V1. */
const BETWEEN = 4;
/** Instructions of the code in front of the lazy entries at most. */
const LONGEST_RESOLVER = 32;

/**
 * Of ppc64: .plt has only slots. The stubs lie between functions, each loads r12 from a slot, by r2 or by its own
 * address, and jumps there; the entries that ask the dynamic linker are one for each slot, in
 * their order, and all of them branch to the code right before the first.
 */
export const PPC64_PLT: PltLayout = { relocations: [R_PPC64_JMP_SLOT], find };

function find(input: PltInput): Stub[] {
  const { reader, sections, relocations } = input;
  if (!reader.wide || relocations.bySlot.size === 0) return [];
  const toc = tocPointer(input);
  return sections
    .filter(({ type, flags }) => type !== SHT_NOBITS && (flags & SHF_EXECINSTR) !== 0n)
    .flatMap((section) => {
      const code = new Code(reader, section);
      return [...callStubs(code, toc, relocations, input), ...lazyEntries(code, relocations)];
    });
}

/** What r2 is in all of the program; `undefined` if that is not known. */
function tocPointer({ sections, places }: PltInput): bigint | undefined {
  const got = sectionNamed(sections, '.got');
  if (got === undefined || got.size > MOST_TOC) return undefined;
  return places.find(({ name }) => name === '.TOC.')?.address ?? got.address + TOC_BIAS;
}

/** A section's instructions, by number. */
class Code {
  readonly length: number;
  readonly section: ElfSection;
  readonly #reader: ElfReader;
  readonly #offset: number;

  constructor(reader: ElfReader, section: ElfSection) {
    const { offset, size } = reader.range(section.offset, section.size, 'a section');
    this.length = Math.floor(size / 4);
    this.section = section;
    this.#reader = reader;
    this.#offset = offset;
  }

  /** An instruction; 0, which is none, outside. */
  at(index: number): number {
    return index >= 0 && index < this.length ? this.#reader.u32(this.#offset + 4 * index) : 0;
  }

  address(index: number): bigint {
    return this.section.address + BigInt(4 * index);
  }

  stub(first: number, behind: number, target: string | undefined, lazy: boolean): Stub {
    const { address, size } = this.section;
    return { address: this.address(first), size: 4 * (behind - first), end: address + size, target, lazy };
  }
}

function callStubs(code: Code, toc: bigint | undefined, { bySlot }: Relocations, { places }: PltInput): Stub[] {
  const stubs: Stub[] = [];
  const isInside = insideOf(places);
  /** Number of the instruction behind the last stub and its padding. */
  let last = 0;
  for (let i = 0; i < code.length; i++) {
    if (code.at(i) !== MTCTR_R12) continue;
    const load = loadOfSlot(code, i, toc);
    if (load === undefined) continue;
    const first = SAVES.has(code.at(load.first - 1)) ? load.first - 1 : load.first;
    let behind = i + 1;
    while (behind <= i + BETWEEN && code.at(behind) !== BCTR) behind++;
    const target = bySlot.get(load.slot);
    // What execution runs into is a function that jumps away by itself.
    if (code.at(behind) !== BCTR || target === undefined || !(first === last || isEnd(code.at(first - 1)))) continue;
    if (isInside(code.address(first))) continue;
    last = behind + 1;
    stubs.push(code.stub(first, last, target, false));
    // The next one is aligned.
    while (last < code.length && isPadding(code.at(last))) last++;
    if (last > behind + 1) stubs.push(code.stub(behind + 1, last, undefined, false));
  }
  return stubs;
}

/** Tells the addresses that lie in something with a size, behind its beginning. */
function insideOf(places: PltInput['places']): (address: bigint) => boolean {
  const ranges: { first: bigint; end: bigint }[] = [];
  const sized = places.filter(({ size }) => size > 0).sort((a, b) => (a.address < b.address ? -1 : 1));
  for (const { address, size } of sized) {
    const end = address + BigInt(size);
    const before = ranges.at(-1);
    if (before === undefined || before.end <= address) ranges.push({ first: address, end });
    else if (before.end < end) before.end = end;
  }
  return (address) => {
    let [below, above] = [0, ranges.length];
    while (below < above) {
      const middle = (below + above) >>> 1;
      if ((ranges[middle] as { first: bigint }).first < address) below = middle + 1;
      else above = middle;
    }
    const found = ranges[below - 1];
    return found !== undefined && address < found.end;
  };
}

/** An instruction behind which execution does not go on, or none. */
function isEnd(word: number): boolean {
  return isPadding(word) || word === BCTR || word === BLR || isBranch(word);
}

function isPadding(word: number): boolean {
  return word === 0 || word === NOP;
}

/** `b target`: not absolute, without a return address. */
function isBranch(word: number): boolean {
  return (word & 0xfc000003) >>> 0 === 0x48000000;
}

/** What loads r12 just before an instruction: where that begins, and from which slot. */
function loadOfSlot(
  code: Code,
  index: number,
  toc: bigint | undefined,
): { readonly first: number; readonly slot: bigint } | undefined {
  const load = code.at(index - 1);
  const prefix = code.at(index - 2);
  const low = BigInt(load & 0xffff);
  // pld r12, offset(pc): an instruction of two words.
  if ((prefix & 0xfffc0000) >>> 0 === 0x04100000 && (load & 0xffff0000) >>> 0 === 0xe5800000) {
    const offset = BigInt.asIntN(34, (BigInt(prefix & 0x3ffff) << 16n) | low);
    return { first: index - 2, slot: BigInt.asUintN(64, code.address(index - 2) + offset) };
  }
  // ld r12, offset(rA)
  if (toc === undefined || (load & 0xffe00003) >>> 0 !== 0xe9800000) return undefined;
  const base = (load >>> 16) & 0x1f;
  const offset = BigInt.asIntN(16, low);
  if (base === 2) return { first: index - 1, slot: BigInt.asUintN(64, toc + offset) };
  // addis rA, r2, high
  if ((prefix & 0xffff0000) >>> 0 !== (0x3c020000 | (base << 21)) >>> 0) return undefined;
  const high = BigInt.asIntN(16, BigInt(prefix & 0xffff)) << 16n;
  return { first: index - 2, slot: BigInt.asUintN(64, toc + high + offset) };
}

/** The entries that ask the dynamic linker: as many branches to one place as there are slots, right behind that. */
function lazyEntries(code: Code, { lazy }: Relocations): Stub[] {
  const { length } = lazy;
  for (let first = 0; first < code.length; first++) {
    const step = code.at(first - 1) === BCTR ? stepOf(code, first, 0) : undefined;
    if (step === undefined) continue;
    const resolver = targetOf(code, first + step - 1);
    if (resolver >= first || first - resolver > LONGEST_RESOLVER || resolver < 0) continue;
    const starts = [first];
    let next = first + step;
    for (let number = 1; number < length; number++) {
      const bytes = stepOf(code, next, number);
      if (bytes === undefined || targetOf(code, next + bytes - 1) !== resolver) break;
      starts.push(next);
      next += bytes;
    }
    if (starts.length < length) continue;
    starts.push(next);
    return [
      code.stub(resolver, first, undefined, true),
      ...lazy.flatMap((target, i) =>
        target === '' ? [] : [code.stub(starts[i] as number, starts[i + 1] as number, target, true)],
      ),
    ];
  }
  return [];
}

/** Instructions of the entry of a number: a branch, behind `li r0, number` or `lis` and `ori` in ELF V1. */
function stepOf(code: Code, index: number, number: number): number | undefined {
  if (isBranch(code.at(index))) return 1;
  if (code.at(index) === (0x38000000 | number) >>> 0 && number < 0x8000 && isBranch(code.at(index + 1))) return 2;
  const wide =
    code.at(index) === (0x3c000000 | (number >>> 16)) >>> 0 &&
    code.at(index + 1) === (0x60000000 | (number & 0xffff)) >>> 0;
  return wide && isBranch(code.at(index + 2)) ? 3 : undefined;
}

/** Number of the instruction that a branch goes to. */
function targetOf(code: Code, index: number): number {
  return index + (((code.at(index) & 0x03fffffc) << 6) >> 8);
}
