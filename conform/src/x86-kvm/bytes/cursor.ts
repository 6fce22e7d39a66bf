import type { GuestCpu } from '../guest/guest-cpu.js';
import { type Operand, REGISTERS, registerOperand } from './operand.js';

/** Registers of each 16-bit address: base and index. */
const ADDRESSES_16: readonly (readonly string[])[] = [
  ['rbx', 'rsi'],
  ['rbx', 'rdi'],
  ['rbp', 'rsi'],
  ['rbp', 'rdi'],
  ['rsi'],
  ['rdi'],
  ['rbp'],
  ['rbx'],
];

/** What a MODRM byte says: the number of a register, and an operand. */
export interface ModRm {
  readonly register: number;
  operand(size: number): Operand;
}

/** Reads the bytes of one instruction. */
export class Cursor {
  readonly cpu: GuestCpu;
  readonly pc: bigint;
  #length = 0;
  /** Size of operands: prefixes change it. @settable */
  size: number;
  /** A LOCK prefix stands before it. @settable */
  locked = false;
  /** The REX prefix; 0 without. @settable */
  rex = 0;

  constructor(pc: bigint, cpu: GuestCpu) {
    this.pc = pc;
    this.cpu = cpu;
    this.size = cpu.real ? 2 : 4;
  }

  /** Bytes so far. */
  get length(): number {
    return this.#length;
  }

  /** Address behind what was read so far. */
  get next(): bigint {
    return this.pc + BigInt(this.#length);
  }

  byte(): number {
    return Number(this.unsigned(1));
  }

  unsigned(size: number): bigint {
    const value = this.cpu.peek(this.next, size);
    this.#length += size;
    return value;
  }

  signed(size: number): bigint {
    return BigInt.asIntN(8 * size, this.unsigned(size));
  }

  /** A constant of an operand's size, of at most 4 bytes, which are extended. */
  immediate(size: number): bigint {
    return BigInt.asUintN(8 * size, this.signed(Math.min(size, 4)));
  }

  /** A jump's target, relative to what is behind it. */
  target(size: number): bigint {
    const distance = this.signed(size);
    return BigInt.asUintN(this.cpu.real ? 16 : 64, this.next + distance);
  }

  /** Size of an operand whose opcode says if it is a byte. */
  sizeOf(opcode: number): number {
    return (opcode & 1) === 0 ? 1 : this.size;
  }

  register(number: number, size: number): Operand {
    return registerOperand(number, size, this.rex !== 0);
  }

  /** Register number of the low bits of an opcode. */
  numbered(opcode: number): number {
    return (opcode & 7) | ((this.rex & 1) << 3);
  }

  modRm(): ModRm {
    const byte = this.byte();
    const mode = byte >> 6;
    const low = byte & 7;
    const register = ((byte >> 3) & 7) | ((this.rex & 4) << 1);
    if (mode === 3) {
      const number = low | ((this.rex & 1) << 3);
      return { register, operand: (size) => this.register(number, size) };
    }
    const address = this.cpu.real ? this.#address16(mode, low) : this.#address64(mode, low);
    return { register, operand: (size) => ({ kind: 'memory', address, size }) };
  }

  #address16(mode: number, low: number): (cpu: GuestCpu) => bigint {
    const direct = mode === 0 && low === 6;
    const distance = mode === 2 || direct ? this.signed(2) : mode === 1 ? this.signed(1) : 0n;
    const registers = direct ? [] : (ADDRESSES_16[low] ?? []);
    return (cpu) =>
      BigInt.asUintN(
        16,
        registers.reduce((sum, name) => sum + cpu.get(name), distance),
      );
  }

  #address64(mode: number, low: number): (cpu: GuestCpu) => bigint {
    const registers: (readonly [name: string, scale: bigint])[] = [];
    let [base, relative] = [low, mode === 0 && low === 5];
    let baseless = relative;
    if (low === 4) {
      const sib = this.byte();
      const index = ((sib >> 3) & 7) | ((this.rex & 2) << 2);
      if (index !== 4) registers.push([REGISTERS[index] ?? '', 1n << BigInt(sib >> 6)]);
      base = sib & 7;
      relative = false;
      baseless = mode === 0 && base === 5;
    }
    if (!baseless) registers.push([REGISTERS[base | ((this.rex & 1) << 3)] ?? '', 1n]);
    const distance = mode === 2 || baseless ? this.signed(4) : mode === 1 ? this.signed(1) : 0n;
    // Relative to the instruction behind, whose constants are yet to be read.
    const from = (): bigint => (relative ? this.next : 0n);
    return (cpu) =>
      BigInt.asUintN(
        64,
        registers.reduce((sum, [name, scale]) => sum + cpu.get(name) * scale, from() + distance),
      );
  }
}
