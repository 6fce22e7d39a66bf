/** An access to memory that an instruction makes. */
export interface CoreAccess {
  readonly store: boolean;
  readonly address: number;
  readonly size: number;
}

const bits = (word: number, from: number, count: number): number => (word >>> from) & ((1 << count) - 1);
const immI = (word: number): number => word >> 20;
const immS = (word: number): number => ((word >> 25) << 5) | bits(word, 7, 5);
const immB = (word: number): number =>
  ((word >> 31) << 12) | (bits(word, 7, 1) << 11) | (bits(word, 25, 6) << 5) | (bits(word, 8, 4) << 1);
const immJ = (word: number): number =>
  ((word >> 31) << 20) | (word & 0xff000) | (bits(word, 20, 1) << 11) | (bits(word, 21, 10) << 1);

/** By funct3: ADD, SLL, SLT, SLTU, XOR, SRL, OR, AND; SUB and SRA with bit 30. */
function compute(funct3: number, a: number, b: number, alternate: boolean): number {
  const ways = [alternate ? a - b : a + b, a << b, +(a < b), +(a >>> 0 < b >>> 0), a ^ b, a >>> b, a | b, a & b];
  return funct3 === 5 && alternate ? a >> b : (ways[funct3] as number);
}

/** BEQ, BNE, BLT, BGE, BLTU, BGEU: each second one is the one before it turned round. */
function isTaken(funct3: number, a: number, b: number): boolean {
  const holds = funct3 < 2 ? a === b : funct3 < 6 ? a < b : a >>> 0 < b >>> 0;
  return holds !== ((funct3 & 1) === 1);
}

/** RV32I without system registers: somebody's emulator. ECALL is the end, with a0 as the exit code. */
export class RiscvCore {
  readonly x = new Int32Array(32);
  readonly memory: DataView;
  pc = 0;

  constructor(program: readonly number[], size = 0x1_0000) {
    this.memory = new DataView(new ArrayBuffer(size));
    for (const [i, word] of program.entries()) this.memory.setUint32(4 * i, word, true);
  }

  /** The access that the next instruction is going to make. */
  get access(): CoreAccess | undefined {
    const word = this.memory.getUint32(this.pc, true) | 0;
    const opcode = word & 0x7f;
    if (opcode !== 0x03 && opcode !== 0x23) return undefined;
    const store = opcode === 0x23;
    const address = ((this.x[bits(word, 15, 5)] as number) + (store ? immS(word) : immI(word))) >>> 0;
    return { store, address, size: 1 << bits(word, 12, 2) };
  }

  /**
   * Executes one instruction. False: an ECALL. Throws a RangeError outside of memory, and for what it does not know.
   */
  step(): boolean {
    const { pc, x, access } = this;
    const word = this.memory.getUint32(pc, true) | 0;
    const [funct3, a, b] = [bits(word, 12, 3), x[bits(word, 15, 5)] as number, x[bits(word, 20, 5)] as number];
    const alternate = bits(word, 30, 1) === 1;
    const upper = word & ~0xfff;
    let next = pc + 4;
    const link = next;
    const opcode = word & 0x7f;
    if (opcode === 0x73) return false;
    if (opcode === 0x63 && isTaken(funct3, a, b)) next = pc + immB(word);
    else if (opcode === 0x6f) next = pc + immJ(word);
    else if (opcode === 0x67) next = (a + immI(word)) & ~1;
    else if (opcode === 0x23 && access !== undefined) this.#store(access, b);
    const results: Readonly<Record<number, () => number>> = {
      3: () => this.#load(access as CoreAccess, funct3),
      19: () => compute(funct3, a, immI(word), funct3 === 5 && alternate),
      23: () => pc + upper,
      51: () => compute(funct3, a, b, alternate),
      55: () => upper,
      103: () => link,
      111: () => link,
    };
    const result = results[opcode]?.();
    if (result === undefined && ![0x0f, 0x23, 0x63].includes(opcode)) throw new RangeError(`no instruction ${word}`);
    if (result !== undefined && bits(word, 7, 5) !== 0) x[bits(word, 7, 5)] = result;
    this.pc = next >>> 0;
    return true;
  }

  /** LB, LH, LW; LBU and LHU without the sign. */
  #load({ address, size }: CoreAccess, funct3: number): number {
    if (size === 4) return this.memory.getInt32(address, true);
    if (size === 2) return funct3 < 4 ? this.memory.getInt16(address, true) : this.memory.getUint16(address, true);
    return funct3 < 4 ? this.memory.getInt8(address) : this.memory.getUint8(address);
  }

  #store({ address, size }: CoreAccess, value: number): void {
    if (size === 4) this.memory.setInt32(address, value, true);
    else if (size === 2) this.memory.setInt16(address, value, true);
    else this.memory.setInt8(address, value);
  }
}
