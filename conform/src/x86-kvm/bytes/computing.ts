import type { Access } from '@hwbp/core';
import type { GuestCpu } from '../guest/guest-cpu.js';
import type { GuestInstruction } from '../guest/guest-instruction.js';
import type { Operation } from './arithmetic.js';
import { assign, type Memory, type Operand, operandValue } from './operand.js';

/** The one operand that is in memory, if one is. */
function memoryOf(...operands: readonly Operand[]): Memory | undefined {
  return operands.find((operand): operand is Memory => operand.kind === 'memory');
}

/** Computes from two operands, into the first unless `compares`. */
export function compute(
  length: number,
  operation: Operation,
  to: Operand,
  from: Operand,
  compares = false,
): GuestInstruction {
  const memory = memoryOf(to, from);
  return {
    length,
    describe: (cpu) => {
      if (memory === undefined) return {};
      const address = memory.address(cpu);
      if (memory !== to || compares) return { accesses: [{ kind: 'read', address, size: memory.size }] };
      const { result } = operation(cpu.flags, operandValue(to, cpu), operandValue(from, cpu), to.size);
      return { accesses: [{ kind: 'readwrite', address, size: memory.size, value: result }] };
    },
    complete: (cpu, [loaded]) => {
      const { result, flags } = operation(
        cpu.flags,
        operandValue(to, cpu, memory === to ? loaded : undefined),
        operandValue(from, cpu, memory === from ? loaded : undefined),
        to.size,
      );
      if (!compares) assign(to, cpu, result);
      cpu.flags = flags;
    },
  };
}

/** MOV */
export function move(length: number, to: Operand, from: Operand): GuestInstruction {
  const memory = memoryOf(to, from);
  return {
    length,
    describe: (cpu) => {
      if (memory === undefined) return {};
      const access = { address: memory.address(cpu), size: memory.size };
      const made: Access =
        memory === from ? { kind: 'read', ...access } : { kind: 'write', ...access, value: operandValue(from, cpu) };
      return { accesses: [made] };
    },
    complete: (cpu, [loaded]) => assign(to, cpu, operandValue(from, cpu, memory === from ? loaded : undefined)),
  };
}

/** XCHG */
export function exchange(length: number, one: Operand, other: Operand): GuestInstruction {
  return {
    length,
    describe: (cpu) => {
      if (one.kind !== 'memory') return {};
      const { size } = one;
      return { accesses: [{ kind: 'readwrite', address: one.address(cpu), size, value: operandValue(other, cpu) }] };
    },
    complete: (cpu, [loaded]) => {
      const value = operandValue(one, cpu, loaded);
      assign(one, cpu, operandValue(other, cpu));
      assign(other, cpu, value);
    },
  };
}

/** Changes flags, and nothing else. */
export function flagging(length: number, change: (flags: bigint) => bigint): GuestInstruction {
  return {
    length,
    complete: (cpu) => {
      cpu.flags = change(cpu.flags);
    },
  };
}

/** LEA */
export function loadAddress(length: number, to: Operand, from: Memory): GuestInstruction {
  return { length, complete: (cpu: GuestCpu) => assign(to, cpu, from.address(cpu)) };
}

/** JMP where a condition holds. */
export function branch(length: number, next: bigint, taken: (cpu: GuestCpu) => boolean): GuestInstruction {
  return { length, describe: (cpu) => (taken(cpu) ? { next } : {}) };
}

/** CALL */
export function call(length: number, next: bigint, behind: bigint, size: number): GuestInstruction {
  return {
    length,
    describe: (cpu) => ({ next, accesses: [{ kind: 'write', address: cpu.stackAt(-size), size, value: behind }] }),
    complete: (cpu) => {
      cpu.stack = cpu.stackAt(-size);
    },
  };
}

/** RET */
export function comeBack(length: number, size: number): GuestInstruction {
  return {
    length,
    describe: (cpu) => ({
      next: cpu.peek(cpu.stack, size),
      accesses: [{ kind: 'read', address: cpu.stack, size }],
    }),
    complete: (cpu) => {
      cpu.stack = cpu.stackAt(size);
    },
  };
}
