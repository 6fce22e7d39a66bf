import type { ElfHeader } from './elf-header.js';
import type { ElfSegment } from './elf-segments.js';

const EM_386 = 3;
const EM_X86_64 = 62;
/** No x86 instruction is longer, in bytes. */
const LONGEST = 15;
/** Prefixes: operand and address size, segments, LOCK. */
const PREFIXES: ReadonlySet<number> = new Set([0x66, 0x67, 0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65, 0xf0]);
const REPNE = 0xf2;
const REP = 0xf3;
/** INS, OUTS; MOVS, CMPS; STOS, LODS, SCAS. */
const STRING_OPCODES: ReadonlySet<number> = new Set([
  0x6c, 0x6d, 0x6e, 0x6f, 0xa4, 0xa5, 0xa6, 0xa7, 0xaa, 0xab, 0xac, 0xad, 0xae, 0xaf,
]);

/**
 * Whether the instruction at an address (the linker's) repeats itself: on x86 a string instruction with a REP prefix
 * (Intel SDM volume 2, REP/REPE/REPZ/REPNE/REPNZ), elsewhere none does; `undefined` if its bytes are not in the file.
 */
export function repeatedInstruction(
  { machine, wide }: Pick<ElfHeader, 'machine' | 'wide'>,
  segments: readonly ElfSegment[],
  address: bigint,
): boolean | undefined {
  const segment = segments.find(({ address: first, bytes }) => address >= first && address < first + BigInt(bytes.length));
  if (segment === undefined) return undefined;
  if (machine !== EM_386 && machine !== EM_X86_64) return false;
  const from = Number(address - segment.address);
  let repeats = false;
  for (const byte of segment.bytes.subarray(from, from + LONGEST)) {
    if (byte === REP || byte === REPNE) repeats = true;
    else if (PREFIXES.has(byte)) continue;
    // A REX prefix is an instruction of its own elsewhere: INC, DEC.
    else if (!(wide && byte >= 0x40 && byte <= 0x4f)) return repeats && STRING_OPCODES.has(byte);
  }
  return false;
}
