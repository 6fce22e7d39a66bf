import type { Access } from '@hwbp/core';
import type { GuestCpu } from '../guest/guest-cpu.js';
import { FLAG_DF } from '../guest/guest-flags.js';
import type { GuestInstruction } from '../guest/guest-instruction.js';
import { SUB } from './arithmetic.js';
import type { Cursor } from './cursor.js';
import { assign, operandValue } from './operand.js';

/** What a string operation does. */
interface Kind {
  readonly loads: readonly string[];
  readonly stores?: string;
  readonly compares?: true;
}
/** MOVS, CMPS, STOS, LODS, SCAS, by the opcode without its lowest bit. */
const KINDS: ReadonlyMap<number, Kind> = new Map<number, Kind>([
  [0xa4, { loads: ['rsi'], stores: 'rdi' }],
  [0xa6, { loads: ['rsi', 'rdi'], compares: true }],
  [0xaa, { loads: [], stores: 'rdi' }],
  [0xac, { loads: ['rsi'] }],
  [0xae, { loads: ['rdi'], compares: true }],
]);

const pointer = (cpu: GuestCpu, register: string): bigint => BigInt.asUintN(cpu.real ? 16 : 64, cpu.get(register));

/** One string operation; a repetition is not looked at. */
export function stringOperation(cursor: Cursor, opcode: number): GuestInstruction | undefined {
  const kind = KINDS.get(opcode & 0xfe);
  if (kind === undefined) return undefined;
  const size = cursor.sizeOf(opcode);
  const a = cursor.register(0, size);
  const { length } = cursor;
  const { loads, stores, compares } = kind;
  return {
    length,
    describe: (cpu) => {
      const accesses: Access[] = loads.map((register) => ({ kind: 'read', address: pointer(cpu, register), size }));
      const value = loads.length > 0 ? cpu.peek(pointer(cpu, 'rsi'), size) : operandValue(a, cpu);
      if (stores !== undefined) accesses.push({ kind: 'write', address: pointer(cpu, stores), size, value });
      return { accesses };
    },
    complete: (cpu, [first = 0n, second]) => {
      if (compares === true) {
        const [left, right] = second === undefined ? [operandValue(a, cpu), first] : [first, second];
        cpu.flags = SUB(cpu.flags, left, right, size).flags;
      } else if (stores === undefined) assign(a, cpu, first);
      const step = (cpu.flags & FLAG_DF) === 0n ? BigInt(size) : BigInt(-size);
      for (const register of new Set([...loads, ...(stores === undefined ? [] : [stores])])) {
        cpu.setLow(register, pointer(cpu, register) + step, cpu.real ? 2 : 8);
      }
    },
  };
}
