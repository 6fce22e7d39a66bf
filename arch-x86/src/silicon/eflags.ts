import type { Context, FlagsRegister } from '@hwbp/core';

/** EFLAGS.TF: traps after each instruction. */
const TF = 0x100n;
/** EFLAGS.RF: execute breakpoints are suppressed for one instruction. */
const RF = 0x10000n;
/** The flags that are always set for user code: IF and the fixed bit 1. */
const ALWAYS = 0x202n;

interface Flags {
  singleStep: boolean;
  resume: boolean;
}

/** EFLAGS: what was stored, and the bits that the machine itself works with. */
export function readFlags(stored: bigint, { singleStep, resume }: Flags): bigint {
  return (stored & ~(TF | RF)) | ALWAYS | (singleStep ? TF : 0n) | (resume ? RF : 0n);
}

/** EFLAGS as an instruction writes it: only privileged code can set RF (Intel SDM vol. 2, POPF). */
export const EFLAGS: FlagsRegister = Object.freeze({
  name: 'eflags',
  write(context: Context, value: bigint) {
    context.forcedStep = false;
    context.set('eflags', writeFlags(context, context.mode === 'user' ? value & ~RF : value));
  },
});

/** Sets the bits that the machine itself works with; returns what is to be stored. */
export function writeFlags(flags: Flags, value: bigint): bigint {
  flags.singleStep = (value & TF) !== 0n;
  flags.resume = (value & RF) !== 0n;
  return (value & ~(TF | RF)) | ALWAYS;
}
