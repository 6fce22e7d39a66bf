import { type ByteOrder, type Context, describeTarget, type RegisterAccess, type TargetDescription } from '@hwbp/core';
import { MSR_LE, MSR_PR, MSR_SE, MSR_USER } from '../silicon/msr.js';

/** A register: GDB's name, its size and type there, and the kernel's own name where that is another. */
type Row = readonly [name: string, bits: number, type: string, kept?: string];

/** Features that GDB knows by name, with their registers (gdb/features/rs6000). */
const FEATURES: readonly { readonly name: string; readonly rows: readonly Row[] }[] = [
  {
    name: 'org.gnu.gdb.power.core',
    rows: [
      ...Array.from({ length: 32 }, (_, i): Row => [`r${i}`, 64, 'uint64']),
      ['pc', 64, 'code_ptr'],
      ['msr', 64, 'uint64'],
      ['cr', 32, 'uint32', 'ccr'],
      ['lr', 64, 'code_ptr', 'link'],
      ['ctr', 64, 'uint64'],
      ['xer', 32, 'uint32'],
    ],
  },
  {
    name: 'org.gnu.gdb.power.fpu',
    rows: [...Array.from({ length: 32 }, (_, i): Row => [`f${i}`, 64, 'ieee_double']), ['fpscr', 64, 'int']],
  },
  {
    name: 'org.gnu.gdb.power.linux',
    rows: [
      ['orig_r3', 64, 'int', 'orig_gpr3'],
      ['trap', 64, 'int'],
    ],
  },
];

/** MSR of code in the context's mode. */
function readState({ mode, singleStep }: Context, byteOrder: ByteOrder): bigint {
  const state = mode === 'user' ? MSR_USER : MSR_USER & ~MSR_PR;
  return state | (byteOrder === 'little' ? MSR_LE : 0n) | (singleStep ? MSR_SE : 0n);
}

/** The registers of a 64-bit kernel, as GDB wants them described. */
export function ppc64TargetDescription(byteOrder: ByteOrder): TargetDescription {
  const msr: RegisterAccess = {
    read: (context) => readState(context, byteOrder),
    write(context, value) {
      context.singleStep = (value & MSR_SE) !== 0n;
    },
  };
  const rows = FEATURES.flatMap(({ rows: list }) => list);
  const fields = {
    architecture: 'powerpc:common64',
    features: FEATURES.map(({ name, rows: list }) => ({
      name,
      registers: list.map(([register, bits, type]) => ({ name: register, bits, type })),
    })),
    byteOrder,
    counter: 'pc',
    expedited: ['r1', 'pc', 'lr'],
  };
  const kept = Object.fromEntries(rows.map(([register, , , name = register]) => [register, name]));
  return describeTarget(fields, { special: { msr }, kept });
}
