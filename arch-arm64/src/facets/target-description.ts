import { type Context, describeTarget, type TargetDescription } from '@hwbp/core';
import { PSTATE_SS, PSTATE_USER, X_REGISTERS } from './registers.js';

/** PSTATE.M of code in the context's mode: EL0t, or EL1h. */
const EL1H = 5n;
const WORD_BITS = 64;

function readPstate(context: Context): bigint {
  const mode = context.mode === 'user' ? 0n : EL1H;
  return (context.get('pstate') & PSTATE_USER) | mode | (context.singleStep && !context.stepDue ? PSTATE_SS : 0n);
}

/**
 * x0 to x30, sp, pc and cpsr: the feature that GDB wants of every AArch64 target ("AArch64 Features" in its manual).
 */
export function arm64TargetDescription(): TargetDescription {
  const types: Readonly<Record<string, string>> = { sp: 'data_ptr', pc: 'code_ptr' };
  const words = [...X_REGISTERS, 'sp', 'pc'].map((name) => ({ name, bits: WORD_BITS, type: types[name] ?? 'int' }));
  return describeTarget(
    {
      architecture: 'aarch64',
      byteOrder: 'little',
      counter: 'pc',
      expedited: ['pc', 'sp', 'x29'],
      features: [
        { name: 'org.gnu.gdb.aarch64.core', registers: [...words, { name: 'cpsr', bits: 32, type: 'uint32' }] },
      ],
    },
    {
      special: {
        cpsr: { read: readPstate, write: (context, value) => context.set('pstate', value & PSTATE_USER) },
      },
    },
  );
}
