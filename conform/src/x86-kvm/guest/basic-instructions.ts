import type { Access } from '@hwbp/core';
import type { GuestCpu } from './guest-cpu.js';
import { FLAG_IF, FLAG_RF } from './guest-flags.js';
import { type GuestInstruction, privileged, SoftwareInterrupt } from './guest-instruction.js';

/*
 * Instructions that do not depend on how they are written down. Each takes its length in bytes.
 */

const CS_USER = 3n;

/** Does nothing. */
export const nop = (length: number): GuestInstruction => ({ length });

/** HLT */
export const halt = (length: number): GuestInstruction => ({
  length,
  refusal: privileged,
  describe: () => ({ operation: 'halt' }),
});

/** INT3 */
export const breakpoint = (length: number): GuestInstruction => ({ length, describe: () => ({ trap: 'breakpoint' }) });

/** INT1 */
export const debugTrap = (length: number): GuestInstruction => ({ length, describe: () => ({ trap: 'debug' }) });

/** INT n */
export const interrupt = (length: number, vector: number): GuestInstruction => ({
  length,
  describe: () => ({ syscall: new SoftwareInterrupt(vector) }),
});

/** UD2 */
export const undefinedInstruction = (length: number): GuestInstruction => ({ length, refusal: () => 'undefined' });

/** STI: interrupts wait for one more instruction. */
export const enableInterrupts = (length: number): GuestInstruction => ({
  length,
  complete: (cpu) => {
    cpu.shadowed = !cpu.interruptible;
    cpu.flags |= FLAG_IF;
  },
});

/** CLI */
export const disableInterrupts = (length: number): GuestInstruction => ({
  length,
  complete: (cpu) => {
    cpu.flags &= ~FLAG_IF;
  },
});

/** CPUID of a CPU that has nothing to tell. */
export const identify = (length: number): GuestInstruction => ({
  length,
  describe: () => ({ operation: 'identify' }),
  complete: (cpu) => {
    for (const register of ['rax', 'rbx', 'rcx', 'rdx']) cpu.set(register, 0n);
  },
});

/** OUT imm8, AL */
export const output = (length: number, port: bigint): GuestInstruction => ({
  length,
  describe: (cpu) => ({
    accesses: [{ kind: 'write', space: 'port', address: port, size: 1, value: cpu.get('rax') & 0xffn }],
  }),
});

/** IN AL, imm8 */
export const input = (length: number, port: bigint): GuestInstruction => ({
  length,
  describe: () => ({ accesses: [{ kind: 'read', space: 'port', address: port, size: 1 }] }),
  complete: (cpu, [value = 0n]) => cpu.setLow('rax', value, 1),
});

/** Stores what `value` says. */
export const store = (
  length: number,
  address: bigint,
  size: number,
  value: (cpu: GuestCpu) => bigint,
): GuestInstruction => ({
  length,
  describe: (cpu) => ({ accesses: [{ kind: 'write', address, size, value: value(cpu) }] }),
});

/** Loads into a register. */
export const load = (
  length: number,
  address: (cpu: GuestCpu) => bigint,
  size: number,
  register = 'rax',
): GuestInstruction => ({
  length,
  describe: (cpu) => ({ accesses: [{ kind: 'read', address: address(cpu), size }] }),
  complete: (cpu, [value = 0n]) => cpu.setLow(register, value, size),
});

/** Loads and stores: `change` says what, `flags` what becomes of RFLAGS. */
export const modify = (
  length: number,
  address: (cpu: GuestCpu) => bigint,
  size: number,
  change: (old: bigint, cpu: GuestCpu) => bigint,
  flags: (flags: bigint, old: bigint, cpu: GuestCpu) => bigint,
): GuestInstruction => ({
  length,
  describe: (cpu) => {
    const at = address(cpu);
    return { accesses: [{ kind: 'readwrite', address: at, size, value: change(cpu.peek(at, size), cpu) }] };
  },
  complete: (cpu, [old = 0n]) => {
    cpu.flags = flags(cpu.flags, old, cpu);
  },
});

/** Pushes. */
export const push = (length: number, size: number, value: (cpu: GuestCpu) => bigint): GuestInstruction => ({
  length,
  describe: (cpu) => ({
    accesses: [{ kind: 'write', address: cpu.stackAt(-size), size, value: value(cpu) }],
  }),
  complete: (cpu) => {
    cpu.stack = cpu.stackAt(-size);
  },
});

/** Pops, and does something with it. */
export const pop = (length: number, size: number, take: (cpu: GuestCpu, value: bigint) => void): GuestInstruction => ({
  length,
  describe: (cpu) => ({ accesses: [{ kind: 'read', address: cpu.stack, size }] }),
  complete: (cpu, [value = 0n]) => {
    cpu.stack = cpu.stackAt(size);
    take(cpu, value);
  },
});

/** PUSHF: RF reads 0. */
export const pushFlags = (length: number, size: number): GuestInstruction =>
  push(length, size, (cpu) => cpu.pushedFlags & ~FLAG_RF);

/** POPF */
export const popFlags = (length: number, size: number): GuestInstruction =>
  pop(length, size, (cpu, flags) => cpu.popFlags(flags));

/** MOV A from a control or debug register. */
export const fromControl = (length: number, register: string, to = 'rax'): GuestInstruction => ({
  length,
  describe: () => ({ control: { register } }),
  complete: (cpu, [value = 0n]) => cpu.set(to, value),
});

/** MOV A to a control or debug register. */
export const toControl = (length: number, register: string, from = 'rax'): GuestInstruction => ({
  length,
  describe: (cpu) => ({ control: { register, value: cpu.get(from) } }),
});

/** JMP */
export const jump = (length: number, next: bigint): GuestInstruction => ({ length, describe: () => ({ next }) });

/** LOOP: counts CX down, and jumps unless it is 0. */
export const loop = (
  length: number,
  next: bigint,
  jumps: (cpu: GuestCpu) => boolean = () => true,
): GuestInstruction => {
  const counted = (cpu: GuestCpu): bigint => BigInt.asUintN(cpu.real ? 16 : 64, cpu.get('rcx') - 1n);
  return {
    length,
    describe: (cpu) => (counted(cpu) !== 0n && jumps(cpu) ? { next } : {}),
    complete: (cpu) => cpu.setLow('rcx', counted(cpu), cpu.real ? 2 : 8),
  };
};

/** The accesses of an IRET: IP, CS, FLAGS, and in 64-bit mode RSP and SS. */
function frameAccesses(cpu: GuestCpu, size: number, words: number): Access[] {
  return Array.from({ length: words }, (_, i) => ({ kind: 'read', address: cpu.stackAt(i * size), size }));
}

/** IRET: of real mode with 2-byte words, which leave RF alone. */
export const interruptReturn = (length: number): GuestInstruction => ({
  length,
  describe: (cpu) => {
    const size = cpu.real ? 2 : 8;
    return { accesses: frameAccesses(cpu, size, cpu.real ? 3 : 5), next: cpu.peek(cpu.stack, size) };
  },
  complete: (cpu, [_pc, cs = 0n, flags = 0n, stack = 0n]) => {
    cpu.popFlags(flags);
    if (cpu.real) {
      cpu.stack = cpu.stackAt(6);
      return;
    }
    cpu.stack = stack;
    cpu.context.resume = (flags & FLAG_RF) !== 0n;
    cpu.context.mode = (cs & CS_USER) === CS_USER ? 'user' : 'kernel';
  },
});
