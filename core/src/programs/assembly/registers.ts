import type { RegisterRoles } from '../../hardware/index.js';

/**
 * The registers of the assembly, in the order of their numbers: each is one of the architecture's general registers.
 */
export const REGISTERS = [
  ...(['r0', 'r1', 'r2', 'r3', 'r4', 'r5', 'r6', 'r7'] as const),
  ...(['a0', 'a1', 'a2', 'a3', 'a4', 'a5'] as const),
  ...(['nr', 'sp'] as const),
] as const;

/**
 * A register of 64 bits. `r0` to `r7` are for anything, `a0` to `a5` hold arguments, `nr` the number of a system call,
 * `sp` points to the top of the stack.
 */
export type Register = (typeof REGISTERS)[number];

/** Numbers of registers with a meaning of their own. */
export const FIRST_ARGUMENT = REGISTERS.indexOf('a0');
export const CALL_NUMBER = REGISTERS.indexOf('nr');
export const STACK_POINTER = REGISTERS.indexOf('sp');

const NUMBERS: ReadonlyMap<string, number> = new Map(REGISTERS.map((name, number) => [name, number]));

/** The number of a register; `undefined`: there is none of that name. */
export function registerNumber(name: string): number | undefined {
  return NUMBERS.get(name);
}

/** What an architecture calls the registers, by their numbers. */
export function namesOf({ general, args, number, stack }: RegisterRoles): readonly string[] {
  return [...general, ...args, number, stack];
}

/** Registers that the result of a system call comes in, of all architectures. */
export const RESULTS: readonly number[] = [CALL_NUMBER, FIRST_ARGUMENT];

/** The number of the register that the result of a system call comes in: one of {@link RESULTS}. */
export function resultOf({ result, number }: RegisterRoles): number {
  return result === number ? CALL_NUMBER : FIRST_ARGUMENT;
}
