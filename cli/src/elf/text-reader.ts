import type { ElfHeader } from './elf-header.js';
import type { ElfSegment } from './elf-segments.js';
import { instructionLength, LONGEST_INSTRUCTION } from './instruction-length.js';
import { EM_386, EM_X86_64 } from './machines.js';

/** Prefixes: operand and address size, segments, LOCK. */
const PREFIXES: ReadonlySet<number> = new Set([0x66, 0x67, 0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65, 0xf0]);
/** What registers 8 to 15 have in front. */
const REX_B = 0x41;
/** PUSH of the first register; POP begins eight behind it. */
const PUSH = 0x50;
const CALL = 0xe8;
const RET = 0xc3;
const REPNE = 0xf2;
const REP = 0xf3;
/** INS, OUTS; MOVS, CMPS; STOS, LODS, SCAS. */
const STRING_OPCODES: ReadonlySet<number> = new Set([
  0x6c, 0x6d, 0x6e, 0x6f, 0xa4, 0xa5, 0xa6, 0xa7, 0xaa, 0xab, 0xac, 0xad, 0xae, 0xaf,
]);

/** What a program's own bytes say of its instructions. Addresses are the linker's. */
export class TextReader {
  readonly #x86: boolean;
  readonly #wide: boolean;
  readonly #segments: readonly ElfSegment[];

  constructor({ machine, wide }: Pick<ElfHeader, 'machine' | 'wide'>, segments: readonly ElfSegment[]) {
    this.#x86 = machine === EM_386 || machine === EM_X86_64;
    this.#wide = wide;
    this.#segments = segments;
  }

  /** Bytes of the instruction at an address; `undefined` if that is not known, as of other architectures than x86. */
  length(address: bigint): number | undefined {
    const bytes = this.#x86 ? this.#bytes(address) : undefined;
    return bytes === undefined ? undefined : instructionLength(bytes, this.#wide);
  }

  /**
   * Whether the instruction at an address repeats itself: on x86 a string instruction with a REP prefix (Intel SDM
   * volume 2, REP/REPE/REPZ/REPNE/REPNZ), elsewhere none does; `undefined` if its bytes are not in the file.
   */
  repeats(address: bigint): boolean | undefined {
    const bytes = this.#bytes(address);
    if (bytes === undefined) return undefined;
    if (!this.#x86) return false;
    let repeats = false;
    for (const byte of bytes) {
      if (byte === REP || byte === REPNE) repeats = true;
      else if (PREFIXES.has(byte)) continue;
      // A REX prefix is an instruction of its own elsewhere: INC, DEC.
      else if (!(this.#wide && byte >= 0x40 && byte <= 0x4f)) return repeats && STRING_OPCODES.has(byte);
    }
    return false;
  }

  /**
   * Whether the instruction at an address does nothing with memory but use the stack: PUSH and POP of a register, CALL
   * of an address and RET, without prefixes, of x86; false where that is not known.
   */
  usesStack(address: bigint): boolean {
    const [first = 0, second = 0] = (this.#x86 ? this.#bytes(address) : undefined) ?? [];
    const opcode = this.#wide && first === REX_B ? second : first;
    return (opcode >= PUSH && opcode < PUSH + 16) || first === CALL || first === RET;
  }

  #bytes(address: bigint): Uint8Array | undefined {
    for (const { address: first, bytes } of this.#segments) {
      if (address < first || address >= first + BigInt(bytes.length)) continue;
      const from = Number(address - first);
      return bytes.subarray(from, from + LONGEST_INSTRUCTION);
    }
    return undefined;
  }
}
