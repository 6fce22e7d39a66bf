import type { Access } from '@hwbp/core';
import type { GuestCpu } from './guest-cpu.js';
import { FLAG_IF } from './guest-flags.js';

export const VECTOR = Object.freeze({
  debug: 1,
  breakpoint: 3,
  undefined: 6,
  doubleFault: 8,
  protection: 13,
  page: 14,
});

/** An exception or an interrupt on its way to the guest's kernel. */
export interface GuestException {
  readonly vector: number;
  /** The error code; absent: none is pushed. */
  readonly code?: bigint;
}

/** Where a guest's kernel takes exceptions. */
export interface GuestVectors {
  /** Where the handler of a vector is; `undefined`: there is none. */
  handler(vector: number, cpu: GuestCpu): bigint | undefined;
  /** The stack of CPL 0, for exceptions of CPL 3. */
  readonly kernelStack: bigint;
}

const USER_CS = 0x33n;
const KERNEL_CS = 0x8n;
const USER_SS = 0x2bn;
const KERNEL_SS = 0x10n;

/** What is pushed, from the top of the stack down. */
function frame(cpu: GuestCpu, { code }: GuestException): readonly bigint[] {
  const { context, privileged } = cpu;
  if (cpu.real) return [cpu.pushedFlags, cpu.get('cs'), context.pc];
  const words = [
    privileged ? KERNEL_SS : USER_SS,
    cpu.stack,
    cpu.pushedFlags,
    privileged ? KERNEL_CS : USER_CS,
    context.pc,
  ];
  return code === undefined ? words : [...words, code];
}

/**
 * Takes an exception: pushes a frame, as an instruction that has no length would, and goes to the handler with TF, IF
 * and RF clear. The pushes can hit breakpoints. False: the frame could not be pushed, or there is no handler.
 */
export function deliver(cpu: GuestCpu, exception: GuestException, vectors: GuestVectors): boolean {
  const { context } = cpu;
  const next = vectors.handler(exception.vector, cpu);
  if (next === undefined) return false;
  const size = cpu.real ? 2 : 8;
  const words = frame(cpu, exception);
  const outer = cpu.privileged ? cpu.stack : vectors.kernelStack;
  const top = cpu.real ? outer : outer & ~0xfn;
  const at = (i: number): bigint => BigInt.asUintN(cpu.real ? 16 : 64, top - BigInt((i + 1) * size));
  const accesses = words.map((value, i): Access => ({ kind: 'write', address: at(i), size, value }));
  const { mode, singleStep } = context;
  // It is no instruction that a breakpoint stands on, or that a step ends behind.
  context.resume = true;
  context.singleStep = false;
  context.mode = 'kernel';
  if (cpu.cpu.execute({ pc: context.pc, length: 0, next, accesses }) === undefined) {
    context.mode = mode;
    context.singleStep = singleStep;
    return false;
  }
  cpu.stack = at(words.length - 1);
  // Handlers of real mode are in segment 0.
  cpu.set('cs', 0n);
  cpu.flags &= ~FLAG_IF;
  cpu.shadowed = false;
  return true;
}
