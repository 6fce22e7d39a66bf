import type { Access } from '@hwbp/core';
import { fromControl, identify, loop, nop, pop, push, toControl } from '../guest/basic-instructions.js';
import type { GuestCpu } from '../guest/guest-cpu.js';
import { FLAG_CF, FLAG_OF, FLAG_PF, FLAG_SF, FLAG_ZF } from '../guest/guest-flags.js';
import type { GuestInstruction } from '../guest/guest-instruction.js';
import { ADD, AND, ARITHMETIC_OPERATIONS, CMP, type Operation, SHIFTS, SUB } from './arithmetic.js';
import { branch, compute, exchange, loadAddress, move } from './computing.js';
import type { Cursor } from './cursor.js';
import { assign, constant, type Operand, operandValue, REGISTERS } from './operand.js';

/** CR0 in real mode, as the CPU resets it. */
const CR0 = 0x6000_0010n;

/** A range of opcodes; `undefined`: the CPU has no such instruction. */
export type Decoder = (cursor: Cursor, opcode: number) => GuestInstruction | undefined;

const operation = (number: number): Operation => ARITHMETIC_OPERATIONS[number & 7] as Operation;

/** 00 to 3F: two operands in MODRM, or A and a constant. */
export const arithmetic: Decoder = (cursor, opcode) => {
  const number = opcode >> 3;
  const size = cursor.sizeOf(opcode);
  if ((opcode & 4) !== 0) {
    const value = constant(cursor.immediate(size), size);
    return compute(cursor.length, operation(number), cursor.register(0, size), value, number === CMP);
  }
  const modRm = cursor.modRm();
  const [place, register] = [modRm.operand(size), cursor.register(modRm.register, size)];
  const [to, from] = (opcode & 2) === 0 ? [place, register] : [register, place];
  return compute(cursor.length, operation(number), to, from, number === CMP);
};

/** 80 to 83 */
export const arithmeticConstant: Decoder = (cursor, opcode) => {
  const size = cursor.sizeOf(opcode);
  const modRm = cursor.modRm();
  const to = modRm.operand(size);
  const value = opcode === 0x83 ? BigInt.asUintN(8 * size, cursor.signed(1)) : cursor.immediate(size);
  const number = modRm.register & 7;
  return compute(cursor.length, operation(number), to, constant(value, size), number === CMP);
};

/** Segment registers are 0 here, and stay so. */
export const segment: Decoder = ({ length, cpu }, opcode) => {
  if (!cpu.real) return undefined;
  return (opcode & 1) === 0 ? push(length, 2, () => 0n) : pop(length, 2, () => undefined);
};

const counted =
  (change: Operation) =>
  (length: number, operand: Operand): GuestInstruction =>
    // INC and DEC leave CF.
    compute(
      length,
      (flags, a, b, size) => {
        const { result, flags: set } = change(flags, a, b, size);
        return { result, flags: (set & ~FLAG_CF) | (flags & FLAG_CF) };
      },
      operand,
      constant(1n, operand.size),
    );
export const increment = counted(ADD);
export const decrement = counted(SUB);

export const stackSize = ({ cpu, size }: Cursor): number => (cpu.real || size === 2 ? size : 8);

export const pushRegister: Decoder = (cursor, opcode) => {
  const size = stackSize(cursor);
  const operand = cursor.register(cursor.numbered(opcode), size);
  return push(cursor.length, size, (cpu) => operandValue(operand, cpu));
};

export const popRegister: Decoder = (cursor, opcode) => {
  const size = stackSize(cursor);
  const operand = cursor.register(cursor.numbered(opcode), size);
  return pop(cursor.length, size, (cpu, value) => assign(operand, cpu, value));
};

/** Conditions by the number that opcodes have of them; odd ones are the opposite of the one before. */
export function holds({ flags }: GuestCpu, number: number): boolean {
  const is = (flag: bigint): boolean => (flags & flag) !== 0n;
  const less = is(FLAG_SF) !== is(FLAG_OF);
  const even = [
    is(FLAG_OF),
    is(FLAG_CF),
    is(FLAG_ZF),
    is(FLAG_CF) || is(FLAG_ZF),
    is(FLAG_SF),
    is(FLAG_PF),
    less,
    less || is(FLAG_ZF),
  ][number >> 1];
  return (even === true) !== ((number & 1) === 1);
}

/** 84 to 8D: TEST, XCHG, MOV, LEA */
export const twoOperands: Decoder = (cursor, opcode) => {
  const size = cursor.sizeOf(opcode);
  const modRm = cursor.modRm();
  const [place, register] = [modRm.operand(size), cursor.register(modRm.register, size)];
  const { length } = cursor;
  if (opcode <= 0x85) return compute(length, AND, place, register, true);
  if (opcode <= 0x87) return exchange(length, place, register);
  if (opcode <= 0x89) return move(length, place, register);
  if (opcode <= 0x8b) return move(length, register, place);
  return opcode === 0x8d && place.kind === 'memory' ? loadAddress(length, register, place) : undefined;
};

/** A0 to A3: A and a place in memory. */
export const moveA: Decoder = (cursor, opcode) => {
  const size = cursor.sizeOf(opcode);
  const address = cursor.unsigned(cursor.cpu.real ? 2 : 8);
  const place: Operand = { kind: 'memory', address: () => address, size };
  const a = cursor.register(0, size);
  return opcode < 0xa2 ? move(cursor.length, a, place) : move(cursor.length, place, a);
};

/** C0, C1, D0 to D3 */
export const shift: Decoder = (cursor, opcode) => {
  const size = cursor.sizeOf(opcode);
  const modRm = cursor.modRm();
  const count: Operand =
    opcode < 0xd0
      ? constant(cursor.unsigned(1), 1)
      : opcode < 0xd2
        ? constant(1n, 1)
        : { kind: 'register', name: 'rcx', size: 1, high: false };
  return compute(cursor.length, SHIFTS[modRm.register & 7] as Operation, modRm.operand(size), count);
};

/** C6, C7 */
export const moveConstant: Decoder = (cursor, opcode) => {
  const size = cursor.sizeOf(opcode);
  const modRm = cursor.modRm();
  if ((modRm.register & 7) !== 0) return undefined;
  const to = modRm.operand(size);
  const value = constant(cursor.immediate(size), size);
  return move(cursor.length, to, value);
};

/** FE, FF: INC and DEC. */
export const countPlace: Decoder = (cursor, opcode) => {
  const modRm = cursor.modRm();
  const number = modRm.register & 7;
  if (number > 1) return undefined;
  return (number === 0 ? increment : decrement)(cursor.length, modRm.operand(cursor.sizeOf(opcode)));
};

/** 0F 20 to 0F 23: MOV of control and debug registers, always between whole registers. */
const control: Decoder = (cursor, opcode) => {
  const byte = cursor.byte();
  const number = (byte >> 3) & 7;
  const general = REGISTERS[(byte & 7) | ((cursor.rex & 1) << 3)] ?? 'rax';
  const debug = (opcode & 1) !== 0;
  const { length } = cursor;
  if (!debug && number !== 4) return controlRegister(length, number, (opcode & 2) === 0, general);
  const register = debug ? `dr${number}` : 'cr4';
  return (opcode & 2) === 0 ? fromControl(length, register, general) : toControl(length, register, general);
};

/** Control registers that nobody watches. */
function controlRegister(
  length: number,
  number: number,
  reads: boolean,
  general: string,
): GuestInstruction | undefined {
  if (number !== 0 && number !== 2 && number !== 3) return undefined;
  const refusal = ({ privileged }: GuestCpu) => (privileged ? undefined : ('privilege' as const));
  return {
    length,
    refusal,
    complete: (cpu) => {
      if (reads) cpu.set(general, number === 0 ? CR0 : 0n);
    },
  };
}

export const twoBytes: Decoder = (cursor) => {
  const opcode = cursor.byte();
  if (opcode >= 0x20 && opcode <= 0x23) return control(cursor, opcode);
  return opcode === 0xa2 ? identify(cursor.length) : undefined;
};

/** ENTER, with no frames inside others. */
export const enter: Decoder = (cursor) => {
  const space = Number(cursor.unsigned(2));
  const nested = cursor.byte() & 31;
  if (nested !== 0) return undefined;
  const size = cursor.cpu.real ? 2 : 8;
  const pushed = push(cursor.length, size, (cpu) => operandValue(cursor.register(5, size), cpu));
  return {
    ...pushed,
    complete: (cpu, loaded) => {
      pushed.complete?.(cpu, loaded);
      assign(cursor.register(5, size), cpu, cpu.stack);
      cpu.stack = cpu.stackAt(-space);
    },
  };
};

/** E0 to E3: LOOPNE, LOOPE, LOOP, JCXZ */
export const looping: Decoder = (cursor, opcode) => {
  const next = cursor.target(1);
  const zero = ({ flags }: GuestCpu): boolean => (flags & FLAG_ZF) !== 0n;
  const counter = cursor.register(1, cursor.cpu.real ? 2 : 8);
  if (opcode === 0xe3) return branch(cursor.length, next, (cpu) => operandValue(counter, cpu) === 0n);
  return loop(cursor.length, next, (cpu) => opcode === 0xe2 || zero(cpu) === (opcode === 0xe1));
};

/** D8 to DF: what the FPU does is seen by nobody. */
export const float: Decoder = (cursor) => {
  const place = cursor.modRm().operand(4);
  const { length } = cursor;
  if (place.kind !== 'memory') return nop(length);
  return { length, describe: (cpu) => ({ accesses: [{ kind: 'read', address: place.address(cpu), size: 4 }] }) };
};

/** E4 to E7, EC to EF: IN and OUT, with the port in a constant or in DX. */
export const port: Decoder = (cursor, opcode) => {
  const size = cursor.sizeOf(opcode);
  const number = constant(opcode < 0xec ? cursor.unsigned(1) : 0n, 2);
  const at = opcode < 0xec ? number : cursor.register(2, 2);
  const a = cursor.register(0, size);
  const reads = (opcode & 2) === 0;
  return {
    length: cursor.length,
    describe: (cpu) => {
      const access = { space: 'port', address: operandValue(at, cpu), size } as const;
      const made: Access = reads
        ? { kind: 'read', ...access }
        : { kind: 'write', ...access, value: operandValue(a, cpu) };
      return { accesses: [made] };
    },
    complete: (cpu, [value = 0n]) => {
      if (reads) assign(a, cpu, value);
    },
  };
};
