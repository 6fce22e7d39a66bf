import type { Context, Instruction } from '@hwbp/core';
import { plain } from '../lab/spot.js';

/** How programs make system calls by the published ABI: what no manifest says. */
export interface SystemCallUse {
  /** The register that a program puts the number into. */
  readonly number: string;
  /** Those of the six arguments, in order. */
  readonly args: readonly string[];
  /** The register that it finds a value in. */
  readonly result: string;
  /** The errno that it finds, as a C library does; `undefined`: the call has returned a value. */
  errno(read: (register: string) => bigint): number | undefined;
  /** Where a tracer changes the number at the entry of a call. Default: {@link number}. */
  readonly traced?: string;
}

/** A call as a program makes it. */
export interface MadeCall {
  readonly number: number;
  /** Those that are left out are 0. */
  readonly args?: readonly bigint[];
}

/** The instructions that make a call: one loads every register, the next one calls. */
export function callInstructions(use: SystemCallUse, { number, args = [] }: MadeCall, index = 0): Instruction[] {
  const registers: Record<string, bigint> = {};
  for (const [place, name] of use.args.entries()) registers[name] = args[place] ?? 0n;
  registers[use.number] = BigInt(number);
  const [first, second] = [plain(2 * index), plain(2 * index + 1)];
  return [
    { ...first, registers },
    { ...second, syscall: true },
  ];
}

/** What a program finds behind a call: a value, or an errno below 0. */
export function outcomeOf(use: SystemCallUse, context: Context): bigint {
  const errno = use.errno((register) => context.get(register));
  return errno === undefined ? context.get(use.result) : BigInt(-errno);
}
